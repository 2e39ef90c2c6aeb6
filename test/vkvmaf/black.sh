# Shared by scripts that need pictures of some size and kind of chroma.

# black FILE WxH CHROMA: a y4m of one picture; CHROMA as in its header.
black()
{
    python3 - "$@" <<'EOF'
import sys
(width, height), chroma = map(int, sys.argv[2].split("x")), sys.argv[3]
across, down = {"420": (2, 2), "422": (2, 1), "444": (1, 1), "411": (4, 1), "mono": (0, 0)}[chroma.split("p")[0]]
samples = width * height
if across:
    samples += 2 * -(-width // across) * -(-height // down)
with open(sys.argv[1], "wb") as file:
    file.write(b"YUV4MPEG2 W%d H%d F25:1 C%s\nFRAME\n" % (width, height, chroma.encode()))
    file.write(bytes((2 if "p" in chroma else 1) * samples))
EOF
}
