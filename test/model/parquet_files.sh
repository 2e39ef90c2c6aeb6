#!/bin/sh
# Parquet: files of two writers (pyarrow 26 and duckdb, see parquet/) give what the same rows as CSV give; damaged
# copies are refused with one line or read, and nothing else. Arguments: the tool, the folder with the files.
tool=$1
data=$2
python=$(command -v python3) || { echo "no python3"; exit 77; }
. "$(dirname "$0")/test_lib.sh"

recipe="--recipe reference --arch mlp_small --epochs 1"
expect 0 "" "$tool" loso $recipe --data "$data/rows.csv" -o rows.json
for file in pyarrow pyarrow_plain_v2 duckdb; do
    expect 0 "" "$tool" loso $recipe --data "$data/$file.parquet" -o got.json
    sed "s,[^\"]*/[^\"]*\"\(: {\)\{0\},FILE\",; s/got.json/rows.json/" got.json >a
    sed "s,[^\"]*/[^\"]*\"\(: {\)\{0\},FILE\"," rows.json >b
    cmp -s a b || { fail "$file has other numbers than rows.csv"; diff a b | head -5; }
done
refuse 1 "has gaps" "$tool" train $recipe --data "$data/gap.parquet" -o x.ckpt
"$python" - "$tool" "$data" <<'END' || fail "a damaged file is not refused properly"
import random, subprocess, sys
tool, data = sys.argv[1:]
random.seed(1)
n_refused = n_read = 0
for name in 'pyarrow', 'pyarrow_plain_v2', 'duckdb':
    good = open(f'{data}/{name}.parquet', 'rb').read()
    for i in range(120):
        bad = bytearray(good)
        if i < 20:
            bad = bad[:4 + i * len(bad) // 20] + (b'PAR1' if i % 2 else b'')
        else:
            for _ in range(1 + i % 3):
                bad[random.randrange(4, len(bad))] = random.choice((0, 1, 127, 128, 255, random.randrange(256)))
        open('bad.parquet', 'wb').write(bad)
        run = subprocess.run([tool, 'train', '--recipe', 'reference', '--arch', 'mlp_small', '--epochs', '1', '--data',
                              'bad.parquet', '-o', 'x.ckpt'], capture_output=True)
        if run.returncode == 0:
            n_read += 1
        elif run.returncode in (1, 2) and run.stderr.count(b'\n') == 1:
            n_refused += 1
        else:
            print(name, i, run)
            sys.exit(1)
print(n_refused, 'refused,', n_read, 'read')
sys.exit(n_refused < 100)
END

finish
