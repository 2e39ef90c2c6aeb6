#!/bin/sh
# Tables that need much memory: a file is read within 2 GiB, or refused by one line before the memory is taken. The
# files are of 1 GiB, mostly of a hole, or bombs. Arguments: the tool, what sanitizers it is built with.
tool=$1
[ -z "$2" ] || { echo "skipped: the shadow memory of a sanitizer counts, too"; exit 77; }
python=$(command -v python3) || { echo "no python3"; exit 77; }
. "$(dirname "$0")/test_lib.sh"

"$python" - "$tool" <<'END' || fail "a table takes too much memory"
import struct, subprocess, sys, zlib
names = ['adm2', 'vif_scale0', 'vif_scale1', 'vif_scale2', 'vif_scale3', 'motion2', 'vmaf']
MIB = 2**20
most_rows = 10 * MIB

def train(path, text, limit):
    """It is refused with `text`, and takes `limit` MiB at most."""
    # A process of its own counts each run alone.
    script = ("import resource, subprocess, sys\n"
              "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
              "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10, done.stderr)")
    command = [sys.argv[1], 'train', '--recipe', 'reference', '--arch', 'mlp_small', '--epochs', '1', '--data', path,
               '-o', 'x.ckpt']
    said = subprocess.run([sys.executable, '-c', script, *command], capture_output=True, text=True).stdout
    code, peak, error = said.split(' ', 2)
    print(error.strip(), peak, 'MiB')
    if code != '1' or error.strip().count('\n') or text not in error or int(peak) > limit:
        sys.exit(f'not as expected: {text}, {limit} MiB')

# ---- an archive of 1 GiB whose arrays are not packed; the last number refuses it once all is read

def zeros_crc(start, n):
    for _ in range(n // MIB):
        start = zlib.crc32(bytes(MIB), start)
    return zlib.crc32(bytes(n % MIB), start)

def write_archive(path, n_text):
    with open(path, 'wb') as out:
        directory = b''
        for name in (*names, 'source'):
            kind, n = ('|S%d' % n_text, n_text) if name == 'source' else ('<f8', 8)
            head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({most_rows},), }}".encode().ljust(117)
            head = b'\x93NUMPY\x01\x00' + struct.pack('<H', len(head)) + head
            tail = struct.pack('<d', float('inf')) if name == 'vmaf' else bytes(8)
            n_zeros = n * most_rows - len(tail)
            size = len(head) + n_zeros + len(tail)
            crc = zlib.crc32(tail, zeros_crc(zlib.crc32(head), n_zeros))
            file = f'{name}.npy'.encode()
            common = struct.pack('<HHHHHIIIHH', 20, 0, 0, 0, 0, crc, size, size, len(file), 0)
            directory += (b'PK\1\2' + struct.pack('<H', 20) + common + struct.pack('<HHHII', 0, 0, 0, 0, out.tell()) +
                          file)
            out.write(b'PK\3\4' + common + file + head)
            out.seek(n_zeros, 1)
            out.write(tail)
        at = out.tell()
        out.write(directory + b'PK\5\6' + struct.pack('<HHHHIIH', 0, 0, 8, 8, len(directory), at, 0))

write_archive('stored.npz', 44)
train('stored.npz', 'vmaf is not finite', 1728)

# ---- Parquet: Thrift's compact form, as far as it is needed

I32, I64, TEXT, LIST, STRUCT = 5, 6, 8, 9, 12

def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])

def thrift(kind, value):
    if kind in (I32, I64):
        return varint(2 * value)
    if kind == TEXT:
        return varint(len(value)) + value.encode()
    if kind == LIST:
        inner, values = value
        return bytes([0xf0 | inner]) + varint(len(values)) + b''.join(thrift(inner, x) for x in values)
    out, last = b'', 0
    for number, inner, x in value:
        out += bytes([(number - last) << 4 | inner]) + thrift(inner, x)
        last = number
    return out + b'\0'

def packed_zeros(n):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b''.join(packer.compress(bytes(MIB)) for _ in range(n // MIB)) + packer.flush()

def packed(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()

def page(kind, n_values, n_bytes, data):
    head = [(1, I32, 2 if kind == 'dictionary' else 0), (2, I32, n_bytes), (3, I32, len(data))]
    if kind == 'dictionary':
        head += [(7, STRUCT, [(1, I32, n_values), (2, I32, 0)])]
    else:
        head += [(5, STRUCT, [(1, I32, n_values), (2, I32, 8 if kind == 'indices' else 0), (3, I32, 3), (4, I32, 3)])]
    return thrift(STRUCT, head) + data

def write_parquet(path, n_rows, chunks, n_hole=0, n_groups=1, unpacked=''):
    """chunks[name]: pages, a dictionary's first; each group of n_rows rows has the same."""
    schema = [[(4, TEXT, 'schema'), (5, I32, len(chunks))]]
    columns = []
    with open(path, 'wb') as out:
        out.write(b'PAR1')
        for name, pages in chunks.items():
            kind = 6 if name == 'source' else 5
            at = out.tell()
            out.write(b''.join(pages))
            about = [(1, I32, kind), (2, LIST, (I32, [])), (3, LIST, (TEXT, [name])), (4, I32, 2 * (name != unpacked)),
                     (5, I64, n_rows), (6, I64, 0), (7, I64, out.tell() - at), (9, I64, at + len(pages[0]) * (len(pages) > 1))]
            columns.append([(2, I64, 0), (3, STRUCT, about + ([(11, I64, at)] if len(pages) > 1 else []))])
            schema.append([(1, I32, kind), (3, I32, 0), (4, TEXT, name)])
        out.seek(n_hole, 1)
        group = [(1, LIST, (STRUCT, columns)), (2, I64, 0), (3, I64, n_rows)]
        footer = thrift(STRUCT, [(1, I32, 1), (2, LIST, (STRUCT, schema)), (3, I64, n_rows * n_groups),
                                 (4, LIST, (STRUCT, [group] * n_groups))])
        out.write(footer + struct.pack('<I', len(footer)) + b'PAR1')

def repeated(n_rows, value, n_value):
    """One entry of a dictionary for all rows."""
    run = b'\0' + varint(n_rows << 1)
    return [page('dictionary', 1, n_value, packed(value)), page('indices', n_rows, len(run), packed(run))]

def numbers(n_rows, last=1.0):
    chunks = {name: repeated(n_rows, struct.pack('<d', 1.0), 8) for name in names[:-1]}
    return {**chunks, 'vmaf': repeated(n_rows, struct.pack('<d', last), 8)}

largest = packed_zeros(128 * MIB)
infinity = float('inf')
write_parquet('plain.parquet', 4, numbers(4, infinity))
train('plain.parquet', 'vmaf is not finite', 256)

# Four pages of one value each fit, and one of four bytes more does not.
pages = [page('values', 1, 128 * MIB, largest)] * 4
write_parquet('pages.parquet', 5, {**numbers(5), 'adm2': pages + [page('values', 1, 8, packed(bytes(8)))]})
train('pages.parquet', 'adm2 is longer than 512 MiB unpacked', 512)
# A page may have no more than 128 MiB.
write_parquet('long.parquet', 1, {**numbers(1), 'adm2': [page('values', 1, 128 * MIB + 1, largest)]})
train('long.parquet', 'is damaged', 256)
# So do those that have none, where many groups share them.
pages = [thrift(STRUCT, [(1, I32, 1), (2, I32, 0), (3, I32, 0)]) * (2 * MIB), page('values', 1, 8, bytes(8))]
chunks = {**numbers(1, infinity), 'adm2': [b''.join(pages)]}
write_parquet('few.parquet', 1, chunks, n_groups=30, unpacked='adm2')
train('few.parquet', 'vmaf is not finite', 256)
write_parquet('shared.parquet', 1, chunks, n_groups=40, unpacked='adm2')
train('shared.parquet', 'adm2 is longer than 512 MiB unpacked', 256)

# 32 million empty texts in a dictionary.
texts = [page('dictionary', 32 * MIB, 128 * MIB, largest), page('indices', 1, 3, packed(b'\0' + varint(2) + b'\0'))]
write_parquet('texts.parquet', 1, {**numbers(1, infinity), 'source': texts})
train('texts.parquet', 'vmaf is not finite', 512)
# The same beside a long file and all the rows that there can be.
texts = [texts[0], page('indices', most_rows, 5, packed(b'\0' + varint(most_rows << 1)))]
write_parquet('all.parquet', most_rows, {**numbers(most_rows, infinity), 'source': texts}, 1000 * MIB)
train('all.parquet', 'source is too large', 2048)
END

finish
