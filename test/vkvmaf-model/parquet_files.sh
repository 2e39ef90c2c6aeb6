#!/bin/sh
# Parquet: files of two writers (pyarrow 26 and duckdb, see parquet/) give what the same rows as CSV give; damaged
# copies are refused with one line or read, and nothing else. Arguments: the tool, the folder with the files, a model.
tool=$1
data=$2
model=$3
python=$(command -v python3) || { echo "no python3"; exit 77; }
. "$(dirname "$0")/test_lib.sh"

recipe="--recipe reference --arch mlp_small --epochs 1"
expect 0 "" "$tool" loso $recipe --data "$data/rows.csv" -o rows.json
awk -F, -vOFS=, 'NR > 1 { $7 = sprintf("%.0f", 4000000000 - (NR - 2)); $8 = (NR - 2) % 100 } 1' "$data/rows.csv" >unsigned.csv
for file in pyarrow pyarrow_plain_v2 duckdb nested unsigned; do
    [ $file != unsigned ] || expect 0 "" "$tool" loso $recipe --data unsigned.csv -o rows.json
    expect 0 "" "$tool" loso $recipe --data "$data/$file.parquet" -o got.json
    sed "s,[^\"]*/[^\"]*\"\(: {\)\{0\},FILE\",; s/got.json/rows.json/" got.json >a
    sed "s,[^\"]*/[^\"]*\"\(: {\)\{0\},FILE\",; s,unsigned.csv\",FILE\"," rows.json >b
    cmp -s a b || { fail "$file has other numbers than rows.csv"; diff a b | head -5; }
done
while read -r file text; do
    refuse 1 "$text" "$tool" train $recipe --data "$data/$file.parquet" -o x.ckpt
done <<'END'
gap has gaps
zstd source is not packed with .*, but with Zstandard
delta vmaf is not encoded as .*, but as DELTA_BINARY_PACKED
split vmaf is not encoded as .*, but as BYTE_STREAM_SPLIT
half vmaf is not of integers, FLOAT or DOUBLE, but of FLOAT16
decimal vmaf is not of integers, FLOAT or DOUBLE, but of DECIMAL
listed vmaf is a column of lists or structs
far_field not a complete Parquet file
END
# Numbers that are too large for their field; the sanitizers look on.
for file in far_levels negative_levels; do
    refuse 1 "is damaged" "$tool" predict "$model" "$data/$file.parquet" --device cpu
done
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
