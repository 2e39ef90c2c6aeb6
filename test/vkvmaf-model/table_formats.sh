#!/bin/sh
# The readers of tables: the same rows as CSV, CSV in gzip and NPZ give the same numbers; damaged files are refused with
# one line. Argument: the tool. The NPZ files are made by Python's zipfile and struct.
tool=$1
python=$(command -v python3) || { echo "no python3"; exit 77; }
. "$(dirname "$0")/test_lib.sh"

# refuse_table CODE TEXT FILE: training on it fails so, without output.
refuse_table()
{
    refuse "$1" "$2" "$tool" train --recipe reference --arch mlp_small --epochs 1 --data "$3" -o refused.ckpt
    [ ! -e refused.ckpt ] || fail "$3: an output"
}

"$python" - <<'END' || exit 1
import csv, gzip, struct, zipfile
names = ['adm2', 'integer_vif_scale0', 'vif_scale1', 'vif_scale2', 'vif_scale3', 'motion2', 'vmaf']
rows, state = [], 1
for i in range(300):
    row = []
    for k in range(7):
        state = (state * 1103515245 + 12345) % 2**31
        row.append(state / 2**31 * (100 if k == 6 else 1))
    rows.append(row)
sources = ['b\u00e4r', 'a', 'sea shore'] * 100
text = 'n,' + ','.join(reversed(names)) + ',source,more\n'
for i, row in enumerate(rows):
    text += f'{i},' + ','.join(repr(x) for x in reversed(row)) + f',{sources[i]},x\n'
open('rows.csv', 'w', encoding='utf-8').write(text)
packed = gzip.compress(text.encode('utf-8'))
half = text.index('\n', len(text) // 2) + 1
parts = [gzip.compress(part.encode('utf-8')) for part in (text[:half], text[half:])]
open('named_wrongly.npz', 'wb').write(packed)
open('members.csv.gz', 'wb').write(b''.join(parts))
open('padded.csv.gz', 'wb').write(packed + bytes(512))
# As csv and pandas quote: a comma, a newline and a quote in a field.
with open('quoted.csv', 'w', newline='', encoding='utf-8') as to:
    out = csv.writer(to, quoting=csv.QUOTE_NONNUMERIC)
    for i, line in enumerate(text.split('\n')[:-1]):
        fields = line.split(',')
        out.writerow([i and 'x,\r\n"y', *(float(x) if i and k < 7 else x for k, x in enumerate(fields[1:])), fields[0]])
open('cut.csv.gz', 'wb').write(packed[:-20])

def array(kind, data, shape):
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b'\n'
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(head)) + head + data

def save(path, method, change=lambda name, member: member, left_out=None):
    with zipfile.ZipFile(path, 'w', method) as out:
        for k, name in enumerate(names):
            if name == left_out:
                continue
            member = array('<f8', struct.pack('<300d', *[row[k] for row in rows]), '(300,)')
            with out.open(name + '.npy', 'w', force_zip64=True) as to:
                to.write(change(name, member))
        wide = b''.join(s.encode('utf-32-le').ljust(36, b'\0') for s in sources)
        out.writestr('source.npy', array('<U9', wide, '(300,)'))
        out.writestr('unused.npy', b'no array')

def vmaf_as(change):
    return lambda name, member: change(member) if name == 'vmaf' else member

save('stored.npz', zipfile.ZIP_STORED)
save('deflated.npz', zipfile.ZIP_DEFLATED)
save('lacking.npz', zipfile.ZIP_STORED, left_out='motion2')
save('short.npz', zipfile.ZIP_STORED, vmaf_as(lambda m: array('<f8', bytes(2392), '(299,)')))
save('long.npz', zipfile.ZIP_STORED, vmaf_as(lambda m: m[:-8]))
save('objects.npz', zipfile.ZIP_STORED, vmaf_as(lambda m: m.replace(b'<f8', b'|O8')))
save('square.npz', zipfile.ZIP_STORED, vmaf_as(lambda m: m.replace(b'(300,)', b'(30,10)')))
# A header of the greatest length that ends within its type.
start, ending = "{'shape': (300,), ", "'descr': '<"
save('endless.npz', zipfile.ZIP_STORED, vmaf_as(lambda m: b'\x93NUMPY\x01\x00' + struct.pack('<H', 1023) +
                                                 (start + ' ' * (1023 - len(start + ending)) + ending).encode()))
save('infinite.npz', zipfile.ZIP_STORED, vmaf_as(lambda m: m[:-8] + struct.pack('<d', float('inf'))))
data = bytearray(open('stored.npz', 'rb').read())
data[data.index(b'NUMPY') + 400] ^= 1
open('flipped.npz', 'wb').write(data)
data = open('deflated.npz', 'rb').read()
open('cut.npz', 'wb').write(data[:-30])
at = data.index(b'PK\1\2')
open('far.npz', 'wb').write(data[:at + 42] + b'\xf0\xff\xff\x7f' + data[at + 46:])
integers = array('<i2', struct.pack('<300h', *range(-150, 150)), '(300,)')
save('integers.npz', zipfile.ZIP_STORED, lambda n, m: integers if n == 'motion2' else m)
lines = [line.split(',') for line in text.split('\n') if line]
for i, line in enumerate(lines[1:]):
    line[2] = str(i - 150)
open('integers.csv', 'w', encoding='utf-8').write('\n'.join(','.join(line) for line in lines))
END

train_on()
{
    expect 0 "" "$tool" train --recipe reference --arch mlp_small --epochs 2 --data "$1" -o "$2"
}
train_on rows.csv rows.ckpt
for file in named_wrongly.npz members.csv.gz padded.csv.gz quoted.csv stored.npz deflated.npz; do
    train_on $file other.ckpt
    cmp -s rows.ckpt other.ckpt || fail "$file gives other numbers than rows.csv"
    expect 0 "" "$tool" loso --recipe reference --arch mlp_small --epochs 1 --data $file -o report.json
    for name in bär a 'sea shore'; do
        grep -qF "\"$name\": {" report.json || fail "$file: no source '$name'"
    done
done
train_on integers.csv rows.ckpt
train_on integers.npz other.ckpt
cmp -s rows.ckpt other.ckpt || fail "integers.npz gives other numbers than integers.csv"

refuse_table 2 "no column motion2" lacking.npz
refuse_table 1 "299 rows" short.npz
refuse_table 1 "not an array" long.npz
refuse_table 1 "not an array" objects.npz
refuse_table 1 "not an array" square.npz
refuse_table 1 "not an array" endless.npz
refuse_table 1 "vmaf is not finite" infinite.npz
refuse_table 1 "is damaged" flipped.npz
refuse_table 1 "not a complete NPZ" cut.npz
refuse_table 1 "is damaged" far.npz
refuse_table 1 "damaged or too large" cut.csv.gz
refuse_table 1 "cannot be opened" absent.csv
refuse_table 1 "'.' cannot be read: Is a directory" .
mkfifo pipe
refuse_table 1 "'pipe' cannot be opened: nothing writes to it" pipe
cat integers.csv >pipe &
train_on pipe other.ckpt
wait
cmp -s rows.ckpt other.ckpt || fail "a pipe gives other numbers than integers.csv"
: >empty.csv
refuse_table 1 "is empty" empty.csv
head -n 1 rows.csv >header.csv
refuse_table 1 "has no rows" header.csv
sed '1s/vmaf/score/' rows.csv >scoreless.csv
refuse_table 2 "no column vmaf" scoreless.csv
sed '3s/,0\.[0-9]*/,none/' rows.csv >words.csv
refuse_table 1 "line 3" words.csv
sed '5s/,.*//' rows.csv >narrow.csv
refuse_table 1 "line 5: 1 columns, the header has 10" narrow.csv
sed '5s/$/,9/' rows.csv >wide.csv
refuse_table 1 "line 5: 11 columns, the header has 10" wide.csv
sed '5s/,bär,/,"bär,/' rows.csv >open.csv
grep -q '"b' open.csv || fail "open.csv has no quote"
refuse_table 1 "line 5: a quote is not closed" open.csv
sed '5s/,bär,/,"bär"s,/' rows.csv >behind.csv
refuse_table 1 "line 5: text behind a quote" behind.csv
head -n 3 rows.csv | tr '\n' '\r' >returns.csv
refuse_table 1 "has no rows" returns.csv
sed '5s/0\./0.\x00/' rows.csv >nul.csv
refuse_table 1 "line 5: .* not a number" nul.csv

# Little that becomes much: refused, and without the memory for it.
"$python" - "$tool" <<'END' || fail "a small file takes much memory"
import gzip, resource, struct, subprocess, sys, zipfile, zlib
head = b'adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2,vmaf\n'
row = b'1,1,1,1,1,0,1\n'
block = gzip.compress(row * 2**20)
bombs = {'members.gz': gzip.compress(head) + block * 220, 'lines.gz': gzip.compress(head) + gzip.compress(b'\n' * 2**24)}
for name, data in bombs.items():
    open(name, 'wb').write(data)
packer = zlib.compressobj(9, zlib.DEFLATED, 31)
with open('one.gz', 'wb') as file:
    file.write(packer.compress(head))
    for _ in range(600):
        file.write(packer.compress(bytes(2**20)))
    file.write(packer.flush())
with zipfile.ZipFile('array.npz', 'w', zipfile.ZIP_DEFLATED) as archive:
    with archive.open('adm2.npy', 'w', force_zip64=False) as member:
        for _ in range(600):
            member.write(bytes(2**20))
for name in (*bombs, 'one.gz', 'array.npz'):
    done = subprocess.run([sys.argv[1], 'train', '--recipe', 'reference', '--arch', 'mlp_small', '--epochs', '1',
                           '--data', name, '-o', 'bomb.ckpt'], capture_output=True, text=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(name, done.stderr.strip(), peak, 'MiB')
    if done.returncode != 1 or done.stderr.count('\n') != 1 or peak > 2048:
        sys.exit(1)
END

# Many sources take no longer than few: some seconds of the processor with a sanitizer, hundreds if each were compared
# with all. Of the processor, so that a busy machine changes nothing.
"$python" -c "
print('adm2,vif_scale0,vif_scale1,vif_scale2,vif_scale3,motion2,vmaf,source')
for i in range(200000): print(f'1,1,1,1,1,0,{i % 100},source {i}')" >sources.csv
expect 0 "" sh -c 'ulimit -t 60; exec "$@"' sh "$tool" train --recipe reference --arch mlp_small --epochs 1 \
    --data sources.csv -o other.ckpt

finish
