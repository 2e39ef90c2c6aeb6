"""Reads every compiled shader: what it may use, how much, and that no float operation can be fused. Of modules for GPUs
with few registers it reads that nothing in them must lie in memory: lanes of two columns, filters that are constants,
no index into a local array that is no constant, and few loops left.

usage: spirv.py FOLDER_OF_SPV | spirv.py --selftest FOLDER_OF_SPV
Exit code 77: spirv-dis or spirv-opt is not installed."""
import os
import re
import shutil
import subprocess
import sys

PORTABLE_CAPABILITIES = {"Shader"}
TEXEL_CAPABILITIES = {"Shader", "SampledBuffer", "GroupNonUniform", "GroupNonUniformShuffle", "Int64"}
# What may give 64-bit integers: they are made of two words, to be stored at once, and never computed with.
WIDE_INTEGER = ["OpTypeInt", "64", "0"]
PACKING = {"OpBitcast", "OpCompositeConstruct"}
MAX_PUSH_BYTES, MAX_SHARED_BYTES = 128, 16384
MAX_STORAGE, MAX_UNIFORM = 4, 1
# How many workgroups fit at least into 16 KiB of shared memory, which is all that a VideoCore has (docs/devices.md).
# Others fit OTHER_WORKGROUPS times.
WORKGROUPS = {"vif": 4, "vif_narrow": 8, "vif0_unrolled": 8, "vif_unrolled": 8, "adm": 5, "adm0": 5, "motion": 16,
              "reduce": 16, "cambi_prep": 64, "cambi_select": 6, "cambi_count": 1, "mlp": 1}
OTHER_WORKGROUPS = 2
# Of GLSL.std.450: integers and signs, and nothing whose result a driver may choose.
EXTENDED = {"SAbs", "SClamp", "UClamp", "SMax", "SMin", "UMax", "UMin", "FindUMsb", "FindSMsb", "FindILsb", "FAbs"}
# Correctly rounded wherever Vulkan runs; each must be kept apart from its neighbours.
ROUNDED = {"OpFAdd", "OpFSub", "OpFMul"}
FREE_FLOAT = {"OpConvertUToF", "OpConvertFToU", "OpConvertSToF", "OpConvertFToS", "OpFNegate", "OpFOrdLessThan",
              "OpFOrdGreaterThan", "OpFOrdLessThanEqual", "OpFOrdGreaterThanEqual", "OpFOrdEqual", "OpFUnordNotEqual"}
# The one quotient whose error is allowed for (docs/exactness.md).
WITH_DIVISION = {"vif", "vif0_texel", "vif_texel", "vif_narrow", "vif0_unrolled", "vif_unrolled"}
# The one image that a sampler must read: a conversion of luma and chroma. What it gives is measured (src/probe/ramp.c).
WITH_SAMPLER = {"sampled_ycbcr"}
# Bytes that a lane fetches at once of each picture, by a module's name or its first part: two columns, but in vif_down.
FETCHED = {"vif0": [4, 4], "vif": [4, 4], "adm0": [4, 4], "adm": [8, 8], "motion": [4, 4], "vif_down": [8]}
# Narrow modules, which drivers unroll, are read as they do it, with the constants of VIF's scale 0 at 10 bit; unrolled
# ones as they are.
CONSTANTS = "3:4 7:7784 8:7455 9:6547 10:5274 11:3896 12:2640 13:1640 14:935 15:489"
AS_DRIVERS_DO = ["--set-spec-const-default-value", CONSTANTS, "--freeze-spec-const",
                 "--fold-spec-const-op-composite", "-O", "-O"]
# The loop over rows, that over columns with its floats, which keeps its mark in VIF, and the two that sum over lanes.
MAX_LOOPS, MAX_MARKED_LOOPS = 4, 1
COEFFICIENT = re.compile(r'"c\d"')
FORBIDDEN = re.compile(r"^Op(Dot|.*Matrix|OuterProduct|Transpose|F(Rem|Mod)|.*TimesScalar|Atomic.*F.*|"
                       r"Image(Sample|Write|Gather).*)$")


class Module:
    def __init__(self, text):
        self.ops = []                          # (opcode, result id or None, operands)
        for line in text.splitlines():
            line = line.strip()
            if not line or line.startswith(";"):
                continue
            match = re.match(r"(?:(%\w+) = )?(Op\w+) ?(.*)", line)
            self.ops.append((match.group(2), match.group(1), re.findall(r'"[^"]*"|\S+', match.group(3))))
        self.by_id = {result: (op, args) for op, result, args in self.ops if result}
        self.decorations = {}
        for op, _, args in self.ops:
            if op == "OpDecorate":
                self.decorations.setdefault(args[0], []).append(args[1:])
            elif op == "OpMemberDecorate":
                self.decorations.setdefault((args[0], int(args[1])), []).append(args[2:])

    def decorated(self, key, name):
        for args in self.decorations.get(key, []):
            if args[0] == name:
                return args[1] if len(args) > 1 else True
        return None

    def constant(self, name):
        return int(self.by_id[name][1][1])

    def size(self, type_id):
        """Bytes of a type; blocks by their offsets, others packed."""
        op, args = self.by_id[type_id]
        if op in ("OpTypeInt", "OpTypeFloat"):
            return int(args[0]) // 8
        if op == "OpTypeBool":
            return 4
        if op == "OpTypeVector":
            return self.size(args[0]) * int(args[1])
        if op == "OpTypeArray":
            stride = self.decorated(type_id, "ArrayStride")
            return (int(stride) if stride else self.size(args[0])) * self.constant(args[1])
        if op == "OpTypeStruct":
            end = 0
            for i, member in enumerate(args):
                offset = self.decorated((type_id, i), "Offset")
                end = (int(offset) if offset else end) + self.size(member)
            return end
        raise ValueError(f"size of {op}")

    def variables(self, storage):
        for op, result, args in self.ops:
            if op == "OpVariable" and args[1] == storage:
                yield result, self.by_id[args[0]][1][1]


def check(name, text):
    """The list of complaints about one module."""
    m = Module(text)
    wrong = []
    is_texel = name.endswith("_texel")
    allowed = TEXEL_CAPABILITIES if is_texel else PORTABLE_CAPABILITIES
    wide = {result for op, result, args in m.ops if [op, *args] == WIDE_INTEGER}
    wide |= {result for op, result, args in m.ops if op == "OpTypeVector" and args[0] in wide}
    capabilities = {args[0] for op, _, args in m.ops if op == "OpCapability"}
    if capabilities - allowed:
        wrong.append("capabilities " + " ".join(sorted(capabilities - allowed)))
    wrong += [f"extension {args[0]}" for op, _, args in m.ops if op == "OpExtension"]
    storage, uniform = list(m.variables("StorageBuffer")), list(m.variables("Uniform"))
    if len(storage) > MAX_STORAGE or len(uniform) > MAX_UNIFORM:
        wrong.append(f"{len(storage)} storage and {len(uniform)} uniform buffers")
    for result, _ in storage:
        if int(m.decorated(result, "Binding")) >= MAX_STORAGE or m.decorated(result, "DescriptorSet") != "0":
            wrong.append("a storage buffer outside of set 0, bindings 0 to 3")
    push = sum(m.size(t) for _, t in m.variables("PushConstant"))
    shared = sum(m.size(t) for _, t in m.variables("Workgroup"))
    if push > MAX_PUSH_BYTES:
        wrong.append(f"{push} bytes of push constants")
    workgroups = WORKGROUPS.get(re.sub("_(narrow|unrolled)$", "", name), OTHER_WORKGROUPS)
    if shared * workgroups > MAX_SHARED_BYTES:
        wrong.append(f"{shared} bytes of shared memory: fewer than {workgroups} workgroups in {MAX_SHARED_BYTES}")
    if sum(op == "OpEntryPoint" for op, _, _ in m.ops) != 1:
        wrong.append("not exactly one entry point")
    for op, result, args in m.ops:
        if FORBIDDEN.match(op) and not (op == "OpImageSampleExplicitLod" and name in WITH_SAMPLER):
            wrong.append(op)
        elif op in ROUNDED and not m.decorated(result, "NoContraction"):
            wrong.append(f"{op} {result} may be contracted")
        elif op == "OpFDiv" and name not in WITH_DIVISION:
            wrong.append("OpFDiv")
        elif op == "OpExtInst" and args[2] not in EXTENDED:
            wrong.append(f"GLSL.std.450 {args[2]}")
        elif op in ("OpTypeFloat", "OpTypeInt") and args[0] != "32" and not (is_texel and result in wide):
            wrong.append(f"{args[0]}-bit numbers")
        elif result and args[:1] and args[0] in wide and op not in PACKING and not op.startswith("OpType"):
            wrong.append(f"{op} of 64 bits")
        elif re.match(r"OpF[A-Z]", op) and op not in ROUNDED | FREE_FLOAT | {"OpFDiv", "OpFunction"} \
                and not op.startswith("OpFunction"):
            wrong.append(op)
    return wrong


def is_constant(m, value):
    return m.by_id[value][0].startswith(("OpConstant", "OpSpecConstant"))


def picture_strides(m):
    """Bytes that a lane fetches at once from each of the two pictures."""
    for result, struct in m.variables("StorageBuffer"):
        if m.decorated(result, "Binding") in ("0", "1"):
            yield int(m.decorated(m.by_id[struct][1][0], "ArrayStride"))


def check_registers(name, text):
    """The complaints about a module for GPUs with few registers, of which no driver unrolls anything."""
    m = Module(text)
    wrong = []
    coefficients = {(args[0], args[1]) for op, _, args in m.ops if op == "OpMemberName" and COEFFICIENT.match(args[2])}
    base = re.sub("_(narrow|unrolled)$", "", name)
    if list(picture_strides(m)) != FETCHED.get(base, FETCHED[base.split("_")[0]]):
        wrong.append("a lane fetches more columns at once")
    if name.startswith("vif") and not coefficients:
        wrong.append("the parameters have no coefficients")
    loops = [args[2] for op, _, args in m.ops if op == "OpLoopMerge"]
    if len(loops) > MAX_LOOPS or loops.count("Unroll") > MAX_MARKED_LOOPS:
        wrong.append(f"{len(loops)} loops, {loops.count('Unroll')} to be unrolled")
    for op, _, args in m.ops:
        if op == "OpVectorExtractDynamic":
            wrong.append("an index into a vector that is no constant")
        if op != "OpAccessChain" or m.by_id[args[1]][0] != "OpVariable":
            continue
        pointer, storage = m.by_id[args[1]][1][:2]
        if storage in ("Function", "Private") and not all(is_constant(m, i) for i in args[2:]):
            wrong.append("an index into a local array that is no constant")
        block = m.by_id[pointer][1][1]
        if storage == "PushConstant" and (m.by_id[block][1][0], str(m.constant(args[3]))) in coefficients:
            wrong.append("a coefficient that is no constant")
    return wrong


def unroll(path):
    done = subprocess.run(["spirv-opt", *AS_DRIVERS_DO, path, "-o", "-"], check=True, capture_output=True)
    return subprocess.run(["spirv-dis", "--raw-id", "--no-color"], input=done.stdout, check=True,
                          capture_output=True).stdout.decode()


def check_file(folder, name):
    path = f"{folder}/{name}.spv"
    wrong = check(name, disassemble(path))
    if name.endswith("_narrow"):
        wrong += check_registers(name, unroll(path))
    elif name.endswith("_unrolled"):
        wrong += check_registers(name, disassemble(path))
    return wrong


def disassemble(path):
    return subprocess.run(["spirv-dis", "--raw-id", "--no-color", path], check=True, capture_output=True,
                          text=True).stdout


def selftest(folder):
    """Each change of a good module must be complained about."""
    vif, texel, mlp, ingest, sampled = (disassemble(f"{folder}/{n}.spv")
                                        for n in ("vif", "vif_texel", "mlp", "ingest_texel", "sampled_ycbcr"))
    header = "OpCapability Shader\n"
    faults = {
        "double": ("vif", vif.replace(header, header + "OpCapability Float64\n")),
        "shuffle in the portable form": ("vif", texel),
        "contraction": ("mlp", mlp.replace("NoContraction", "RelaxedPrecision", 1)),
        "contraction of the last": ("vif", re.sub(r"NoContraction(?![\s\S]*NoContraction)", "RelaxedPrecision", vif)),
        "fused": ("vif", re.sub(r"(OpExtInst %\d+ %\d+) FAbs", r"\1 Fma", vif, count=1)),
        "sampler": ("vif", sampled),
        "sampler without a level": ("sampled_ycbcr", sampled.replace("ExplicitLod", "ImplicitLod")),
        "dot product": ("mlp", mlp.replace("OpFMul", "OpDot", 1)),
        "division": ("mlp", mlp.replace("OpFSub", "OpFDiv", 1)),
        "shared memory": ("vif", re.sub(r"(OpConstant %\d+) 64\b", r"\1 640", vif)),
        "a workgroup less": ("vif", re.sub(r"(OpConstant %\d+) 64\b", r"\1 80", vif)),
        "push constants": ("vif", re.sub(r"(OpMemberDecorate %\d+ 2\d Offset) \d+", r"\1 128", vif)),
        "binding": ("vif", vif.replace("Binding 3", "Binding 4", 1)),
        "transcendental": ("mlp", re.sub(r"(OpExtInst %\d+ %\d+) UMin", r"\1 Exp", mlp, count=1)),
        "64-bit arithmetic": ("ingest_texel", ingest.replace("OpBitcast", "OpUConvert")),
        "64-bit integers": ("ingest", ingest),
        "extension": ("vif", vif.replace(header, header + 'OpExtension "SPV_KHR_16bit_storage"\n')),
    }
    flat, flat_adm = (disassemble(f"{folder}/{n}_unrolled.spv") for n in ("vif", "adm"))
    crowded = {
        "four columns": ("vif", unroll(f"{folder}/vif.spv")),
        "four columns of bands": ("adm", unroll(f"{folder}/adm.spv")),
        "coefficients of the pyramid": ("vif_down", unroll(f"{folder}/vif_down.spv")),
        "loops": ("vif", disassemble(f"{folder}/vif_narrow.spv")),
        "loops over columns": ("adm", disassemble(f"{folder}/adm_narrow.spv")),
        "a loop that is left": ("vif", re.sub(r"(OpLoopMerge %\d+ %\d+) None", r"\1 Unroll", flat, count=1)),
        "no coefficient": ("vif", re.sub(r'(OpMemberName %\d+ \d+) "c\d"', r'\1 "width"', flat)),
        "a coefficient of the parameters": ("vif", re.sub(r'(OpMemberName %\d+ 0) "width"', r'\1 "c0"', flat)),
        "a vector's index": ("adm", flat_adm.replace("OpCompositeExtract", "OpVectorExtractDynamic", 1)),
    }
    missed = [what for what, (name, text) in faults.items() if not check(name, text)]
    missed += [what for what, (name, text) in crowded.items() if not check_registers(name, text)]
    for what in missed:
        print(f"planted fault not seen: {what}")
    n_faults = len(faults) + len(crowded)
    print(f"{n_faults - len(missed)} of {n_faults} planted faults seen")
    return bool(missed + check("vif", vif) + check_registers("vif", flat) + check_registers("adm", flat_adm))


def main():
    if not shutil.which("spirv-dis") or not shutil.which("spirv-opt"):
        print("skipped: spirv-dis or spirv-opt is not installed")
        return 77
    folder = sys.argv[-1]
    if sys.argv[1] == "--selftest":
        return selftest(folder)
    names = sorted(n[:-4] for n in os.listdir(folder) if n.endswith(".spv"))
    wrong = [f"{n}: {complaint}" for n in names for complaint in check_file(folder, n)]
    print("\n".join(wrong))
    print(f"{len(names)} shaders read, {len(wrong)} complaints")
    return bool(wrong) or len(names) < 10


if __name__ == "__main__":
    sys.exit(main())
