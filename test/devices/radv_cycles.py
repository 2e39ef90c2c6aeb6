"""Counts AMD cycles and instructions per pixel from what Mesa's compiler for AMD GPUs prints of its machine code, and
compares every shader with the numbers of a budget file, and every stage with those of a header.

usage: radv_cycles.py GPU_STATS BUDGET WORK           compare; exit code 1 when a shader has become more than 3 % worse
                                                       or WORK, a header of "vkvmaf bench", is not what is counted
       radv_cycles.py GPU_STATS BUDGET WORK --record  write both files anew
       radv_cycles.py GPU_STATS BUDGET WORK --plant   demand that a budget 4 % lower is seen as exceeded, and a wrong
                                                       number in WORK, and a micro-benchmark that lacks instructions,
                                                       and frames of VMAF v1 and of both gain limits that take too much

A frame of VMAF v1, of whose picture every sample is a candidate of cambi, may take V1_CYCLES for each pixel. Its
kernels of ADM may take AIM_FACTOR times what those without AIM take. A frame with the default gain limits and those of
NEG may take BOTH_FACTOR times what one of them takes.

A wave's instructions are counted per basic block, blocks weighted by the trip counts of the loops around them (TRIPS);
every branch counts as taken, on both sides, but the one around the list of undecided pixels. VALU cycles: 2 for an
instruction of a 64-lane wave, 8 for multiplies of 32 bits, 4 for 64-bit shifts. Latency is the compiler's own estimate
for a wave alone. A shader takes max(VALU cycles, latency / waves per SIMD), times its waves, over the frame's pixels;
with more latency than the waves hide it is bound by latency. A model: good for ratios between kernels, not for
milliseconds.

Exit code 77: no RADV, or another version of Mesa than the budget's (it is reported what it says)."""
import json
import os
import re
import subprocess
import sys

TOLERANCE = 1.03
LANES_OF_WAVE = 64
V1_CYCLES = 26
AIM_FACTOR = 1.3
BOTH_FACTOR = 1.2
# Trip counts of a shader's loops in the order of its code, at 1920x1080; the last one stands for all further loops.
# reduce: 432 rows of 28 parts for 128 invocations, ADM's longest column.
TRIPS = {"vif": [16, 7], "motion": [16, 7], "adm": [18, 4], "adm0": [18, 4], "adm_aim": [18, 4],
         "adm0_aim": [18, 4], "adm_two": [18, 4], "adm0_two": [18, 4], "adm_aim_two": [18, 4],
         "adm0_aim_two": [18, 4], "reduce": [4, 28, 7], "bench_int32": [256],
         "cambi_prep": [38], "cambi_mode": [16],
         # Looks for the tile, and through it; one walk: clears, enters rows, walks down; equal products are rare.
         "cambi_count": [1, 16, 1, 20, 16, 16, 0],
         # One digit found before, and one counted.
         "cambi_select": [1, 1, 7, 2, 4, 32, 4, 0]}
# Instructions that the loop of each micro-benchmark must have: 16 steps of 8 chains; AMD has no 32-bit multiply-add.
MICRO_BENCHMARKS = {"bench_int32 128 0": 2 * 256 * 128, "bench_int32 128 1": 256 * 128}
QUARTER_RATE = re.compile(r"v_(mul_lo_u32|mul_hi_[iu]32|mad_[iu]64_[iu]32)")
DOUBLE_WIDTH = re.compile(r"v_(lshlrev|lshrrev|ashrrev)_[bi]64")
# Loads, stores and exports are other units' work.
INSTRUCTION = re.compile(r"\(\s*(\d+) clk\)\s+(?:.*?= )?([a-z]\w+)")
WORK_HEAD = """\
/* Vector instructions of all lanes, per sample of the picture: written by radv_cycles.py --record, which counts them in
 * AMD's machine code of the portable form at 1920x1080 (docs/benchmarks.md). By depth: 8 bit, deeper. */
#ifndef VKVMAF_STAGE_WORK_H
#define VKVMAF_STAGE_WORK_H

static const struct {
    const char *stage;
    double alone[2];                   /* per frame, with one distorted picture */
    double reference[2], distorted[2]; /* with several distorted pictures: once, and for each of them */
} stage_work[] = {
"""


class Block:
    def __init__(self, text):
        head = text[:text.find("\n\n")] if "\n\n" in text else text
        kinds = re.search(r"kind: ([^/]*)\*/", head)
        self.kinds = set(kinds.group(1).replace(" ", "").split(",")) if kinds else set()
        self.instructions = [(int(m.group(1)), m.group(2)) for m in map(INSTRUCTION.search, text.splitlines()) if m]
        self.rare = any("atomic" in name for _, name in self.instructions)

    def latency(self):
        return sum(clocks for clocks, _ in self.instructions)

    def valu(self):
        cycles = 0
        for _, name in self.instructions:
            if name.startswith("v_"):
                cycles += 8 if QUARTER_RATE.match(name) else 4 if DOUBLE_WIDTH.match(name) else 2
        return cycles


    def n_vector(self):
        return sum(name.startswith("v_") for _, name in self.instructions)


def read_program(shader, text):
    """VALU cycles, latency, waves per SIMD and vector instructions of one wave, from a dump."""
    trips = TRIPS.get(shader.split()[0], [1])
    weights, loops, valu, latency, vector = [1], 0, 0, 0, 0
    for part in re.split(r"^BB\d+\n", text, flags=re.M)[1:]:
        block = Block(part.split("\n\nnum_waves")[0])
        if "loop-exit" in block.kinds:
            weights.pop()
        if "loop-header" in block.kinds:
            weights.append(weights[-1] * trips[min(loops, len(trips) - 1)])
            loops += 1
        if not block.rare:
            valu += weights[-1] * block.valu()
            latency += weights[-1] * block.latency()
            vector += weights[-1] * block.n_vector()
    return {"valu": valu, "latency": latency, "waves": int(re.search(r"num_waves: (\d+)", text).group(1)),
            "instructions": vector}


def run(program):
    environment = dict(os.environ, ACO_DEBUG="perfinfo", MESA_SHADER_CACHE_DISABLE="true")
    done = subprocess.run([program], env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 77:
        print(done.stdout.strip())
        sys.exit(77)
    if done.returncode:
        sys.exit(f"{program} failed:\n{done.stdout}{done.stderr[-2000:]}")
    return done.stdout, done.stderr


def measure(program):
    """Mesa's version, numbers by shader, and frames as lists of (workgroups, images, stage, shader)."""
    out, err = run(program)
    mesa = re.search(r"^driver .*Mesa ([\w.]+)", out, re.M).group(1)
    shaders, frames = {}, {}
    for part in err.split("@shader ")[1:]:
        name, _, text = part.partition("\n")
        if "num_waves" not in text:
            sys.exit(f"{name}: this driver prints no instructions (ACO_DEBUG=perfinfo)")
        shaders[name] = read_program(name, text)
    for part in out.split("frame ")[1:]:
        title, *lines = part.splitlines()
        dispatches = [line.split(" ", 5) for line in lines if line.startswith("dispatch")]
        frames[title] = [(int(groups), int(images), stage if scale == "-1" else f"{stage} scale {scale}", shader)
                         for _, groups, images, stage, scale, shader in dispatches]
    return mesa, shaders, frames


def cycles(shader):
    return max(shader["valu"], shader["latency"] / shader["waves"])


def lanes(name):
    numbers = [int(n) for n in name.split()[1:3]]
    return numbers[0] * numbers[1]


def samples(title):
    width, height = (int(n) for n in re.search(r"(\d+)x(\d+)", title).groups())
    return width * height


def per_pixel(name, groups, shader, title):
    return groups * lanes(name) / LANES_OF_WAVE * cycles(shader) / samples(title)


def by_stage(title, dispatches, shaders):
    """Cycles per pixel of a frame's stages; the modules of one source count together."""
    stages = {}
    for groups, _, _, name in dispatches:
        stage = re.sub(r"(\d|_aim|_two)+$", "", name.split()[0])
        stages[stage] = stages.get(stage, 0) + per_pixel(name, groups, shaders[name], title)
    return stages


def print_frame(title, dispatches, shaders):
    stages = by_stage(title, dispatches, shaders)
    print(f"{title}: {sum(stages.values()):.1f} cycles per pixel: "
          + ", ".join(f"{stage} {cycles:.1f}" for stage, cycles in stages.items()))


def compare_v1(frames, shaders):
    """What VMAF v1 takes too much, for each of its frames."""
    worse = []
    for title in [title for title in frames if title.startswith("v1")]:
        v1, usual = (by_stage(t, frames[t], shaders) for t in (title, title.replace("v1", "usual")))
        total, factor = sum(v1.values()), v1["adm"] / usual["adm"]
        print(f"{title}: {total:.1f} cycles per pixel, {V1_CYCLES} allowed; adm {factor:.2f} of that without AIM, "
              f"{AIM_FACTOR} allowed")
        worse += [title] if total > V1_CYCLES or factor > AIM_FACTOR else []
    return worse


def compare_both(frames, shaders):
    """What both gain limits together take too much, for each of their frames."""
    worse = []
    for title in [title for title in frames if title.startswith("both")]:
        both, usual = (by_stage(t, frames[t], shaders) for t in (title, title.replace("both", "usual")))
        factor = sum(both.values()) / sum(usual[stage] for stage in both)
        print(f"{title}: {sum(both.values()):.1f} cycles per pixel, {factor:.2f} of one gain limit, "
              f"{BOTH_FACTOR} allowed")
        worse += [title] if factor > BOTH_FACTOR else []
    return worse


def compare(shaders, budget):
    """The names of shaders that are worse than the budget."""
    worse = []
    for name, shader in sorted(shaders.items()):
        allowed = budget.get(name)
        bound = "" if shader["latency"] <= shader["valu"] * shader["waves"] else ", latency-bound"
        print(f"{name:28} {shader['valu']:7} VALU cycles, latency {shader['latency']:7}, "
              f"{shader['waves']} waves{bound}")
        if not allowed:
            print("    not in the budget file; run with --record")
            worse.append(name)
        elif cycles(shader) > TOLERANCE * cycles(allowed) or shader["waves"] < allowed["waves"]:
            print(f"    WORSE than {allowed['valu']}, {allowed['latency']}, {allowed['waves']} waves")
            worse.append(name)
    return worse


def count_work(title, dispatches, shaders, streams):
    """Instructions per pixel by stage: of the dispatches for one image, and per image of those for `streams`."""
    work = {}
    for groups, images, stage, name in dispatches:
        here = work.setdefault(stage, [0, 0])
        here[images == streams] += groups * lanes(name) * shaders[name]["instructions"] / samples(title) / images
    return work


def work_text(frames, shaders):
    """The header of "vkvmaf bench"."""
    counts = {(depth, streams): count_work(title, dispatches, shaders, streams) for title, dispatches in frames.items()
              if title.startswith("usual")
              for depth, streams in [map(int, re.search(r"(\d+) bit, (\d+) streams", title).groups())]}
    rows = []
    for stage in counts[8, 8]:
        alone = [sum(counts[depth, 1].get(stage, [0])) for depth in (8, 10)]
        several = [counts[depth, 8][stage] for depth in (8, 10)]
        columns = [alone, [n[0] for n in several], [n[1] for n in several]]
        rows.append(f'    {{"{stage}", ' + ", ".join(f"{{{a:.3f}, {b:.3f}}}" for a, b in columns) + "},\n")
    return WORK_HEAD + "".join(rows) + "};\n\n#endif\n"


def compare_work(text, recorded):
    """Whether the header is what is counted."""
    expected, found = text.splitlines(), recorded.splitlines()
    for line in found:
        if line not in expected:
            print(f"stage_work.h has     {line.strip()}")
    for line in expected:
        if line not in found:
            print(f"stage_work.h has not {line.strip()}; run with --record")
    return text == recorded


def shortened(shaders):
    """Micro-benchmarks of which the compiler has left something out."""
    short = [name for name, least in MICRO_BENCHMARKS.items() if shaders[name]["instructions"] < least]
    for name in short:
        print(f"{name}: {shaders[name]['instructions']} instructions, {MICRO_BENCHMARKS[name]} or more expected")
    return short


def slower(shaders, name, factor):
    """The numbers of all shaders, as if those whose name begins so took so many times their cycles."""
    return {n: {**s, "valu": s["valu"] * (factor if n.startswith(name) else 1)} for n, s in shaders.items()}


def planted(shaders, budget, work, frames):
    for allowed in budget.values():
        allowed["valu"] /= 1.04
        allowed["latency"] /= 1.04
    seen = len(compare(shaders, budget)) == len(shaders)
    seen = seen and not compare_work(work, work.replace(".", ".9", 1))
    n_v1 = sum(title.startswith("v1") for title in frames)
    for name, factor in ("cambi", 3), ("adm_aim", 1.3):
        seen = seen and n_v1 and len(compare_v1(frames, slower(shaders, name, factor))) == n_v1
    n_both = sum(title.startswith("both") for title in frames)
    seen = seen and n_both and len(compare_both(frames, slower(shaders, "adm0_two", 3))) == n_both
    for name in MICRO_BENCHMARKS:
        shaders[name]["instructions"] -= TRIPS["bench_int32"][0]
    return seen and len(shortened(shaders)) == len(MICRO_BENCHMARKS)


def main():
    program, path, work_path, *mode = sys.argv[1:]
    mesa, shaders, frames = measure(program)
    for title, dispatches in frames.items():
        print_frame(title, dispatches, shaders)
    work = work_text(frames, shaders)
    if mode == ["--record"]:
        with open(work_path, "w", encoding="utf-8") as file:
            file.write(work)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"mesa": mesa, "shaders": shaders}, file, indent=1, sort_keys=True)
            file.write("\n")
        return 0
    with open(path, encoding="utf-8") as file:
        budget = json.load(file)
    if budget["mesa"] != mesa:
        print(f"skipped: the budget was recorded with Mesa {budget['mesa']}, this is {mesa}")
        return 77
    if mode == ["--plant"]:
        return 0 if planted(shaders, budget["shaders"], work, frames) else 1
    with open(work_path, encoding="utf-8") as file:
        same = compare_work(work, file.read())
    worse = compare(shaders, budget["shaders"]) + compare_v1(frames, shaders) + compare_both(frames, shaders)
    return 1 if worse or shortened(shaders) or not same else 0


if __name__ == "__main__":
    sys.exit(main())
