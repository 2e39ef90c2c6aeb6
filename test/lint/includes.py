"""Dependencies point one way: which folder may include which, and who may name Vulkan and protobuf-c. The library calls
no function of libm whose result differs from one platform to another. No folder has so many sources that nobody
looks through it.

usage: includes.py ROOT | includes.py --selftest ROOT"""
import os
import re
import sys

# The first matching folder decides. An include is judged by how it is written: "gpu/gpu.h", <volk.h>.
RULES = [
    (r"src/common/", {"common", "vkvmaf"}),
    (r"src/gpu/", {"common", "gpu", "vkvmaf", "volk"}),
    (r"src/features/(list|finalize|vif_terms)", {"common", "features", "shared", "vkvmaf"}),
    (r"src/features/", {"common", "engine", "features", "gpu", "ref", "shared", "stages", "vkvmaf", "shader"}),
    (r"src/ref/", {"common", "features", "ref", "shared", "vkvmaf"}),
    (r"src/model/", {"common", "features", "model", "shared", "vkvmaf", "protobuf"}),
    (r"src/stages/", {"common", "engine", "features", "gpu", "model", "shared", "stages", "vkvmaf", "shader"}),
    (r"src/engine/", {"common", "engine", "features", "gpu", "model", "ref", "shared", "stages", "vkvmaf", "device.h"}),
    (r"src/", {"common", "engine", "features", "gpu", "model", "ref", "shared", "stages", "vkvmaf", "device.h",
               "probe", "columns.h", "scorer.h"}),
    (r"tools/common/", {"tools", "vkvmaf"}),
    (r"tools/vkvmaf-model/", {"common", "model", "shared", "tools", "vkvmaf", "own"}),
    (r"tools/libvmaf/", {"tools", "vkvmaf", "own"}),
    (r"tools/vkvmaf/", {"tools", "vkvmaf", "own", "install_script.h", "report_page.h"}),
    (r"include/vkvmaf/vkvmaf_vulkan\.h", {"volk", "vkvmaf"}),
    (r"include/", set()),
]
PROTOBUF_FILES = {f"src/model/onnx/{name}" for name in ("reader.h", "reader.c", "message.c", "tensor.c", "external.c",
                                                     "values.c", "nodes.c")}
# Who knows the parser of the command line: itself, the commands, and main. All others take a request of their own.
COMMAND_LINE = re.compile(r"tools/vkvmaf/(cli/|commands/|main\.c)")
# Sources of one folder.
SOURCES_MAX = 15
# What libm rounds as it likes. Not among them: sqrt, fabs, floor, ceil.
INEXACT = re.compile(r"\b(exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|cbrt|hypot|fma|sin|cos|tan|asin|acos|atan|"
                     r"atan2|sinh|cosh|tanh|erf|erfc|tgamma|lgamma)[fl]?\s*\(")
# psnr is a logarithm in libvmaf, too: that of the platform.
PLATFORM = {"src/features/psnr.c"}
VULKAN = re.compile(r"\b(vk[A-Z]\w+|Vk[A-Z]\w+|VK_[A-Z]\w+)")


def kind(root, path, name):
    if name == "volk.h" or name.startswith("vulkan/"):
        return "volk"
    if name.startswith("onnx.pb-c") or name.startswith("protobuf-c"):
        return "protobuf"
    if name.endswith(".spv.h"):
        return "shader"
    first = name.split("/")[0] if "/" in name else name
    if path.startswith("tools/"):
        if os.path.exists(f"{root}/tools/{name}"):
            return "tools"
        if os.path.exists(f"{root}/{'/'.join(path.split('/')[:2])}/{name}"):
            return "own"
    if "/" not in name and os.path.exists(f"{root}/{os.path.dirname(path)}/{name}") and path.count("/") > 1:
        return path.split("/")[1]
    return first


def without_comments(text):
    return re.sub(r'/\*[\s\S]*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', lambda m: m.group() if m.group()[0] == '"' and "/" in
                  m.group() and m.group().endswith('.h"') else " ", text)


def check(root, path, text):
    wrong = []
    allowed = next(names for pattern, names in RULES if re.match(pattern, path))
    for quoted, system in re.findall(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', text, re.M):
        name = quoted or system
        what = kind(root, path, name)
        if system and what not in ("volk", "protobuf"):
            continue
        if name.startswith("..") or what not in allowed or name.startswith("test/"):
            wrong.append(f"{path} includes {name}")
        if name.startswith("cli/") and not COMMAND_LINE.match(path):
            wrong.append(f"{path} includes {name}; only cli, commands and main know the command line")
        if what == "protobuf" and path not in PROTOBUF_FILES:
            wrong.append(f"{path} sees protobuf-c types ({name})")
    if not path.startswith(("src/gpu/", "include/vkvmaf/vkvmaf_vulkan.h", "tools/vkvmaf/input/libav/vulkan.c")):
        names = [n for n in VULKAN.findall(without_comments(text)) if not n.startswith("vkv")]
        if names:
            wrong.append(f"{path} names Vulkan: {names[0]}")
    if path.startswith("src/") and path not in PLATFORM and INEXACT.search(without_comments(text)):
        wrong.append(f"{path} calls libm's {INEXACT.search(without_comments(text)).group(1)}")
    if re.search(r"\bOnnx__|\bProtobufC", text) and path not in PROTOBUF_FILES:
        wrong.append(f"{path} sees protobuf-c types")
    return wrong


def sources(root):
    for top in ("src", "tools", "include"):
        for folder, _, files in os.walk(f"{root}/{top}"):
            for f in sorted(files):
                if f.endswith((".c", ".h")) and f != "volk.c":
                    yield os.path.relpath(f"{folder}/{f}", root)


def crowded(paths):
    folders = [os.path.dirname(path) for path in paths if path.endswith(".c")]
    return [f"{folder} has {folders.count(folder)} sources; {SOURCES_MAX} at most, by trade"
            for folder in sorted(set(folders)) if folders.count(folder) > SOURCES_MAX]


def selftest(root):
    faults = [
        ("src/ref/vif.c", '#include "gpu/gpu.h"\n'), ("src/common/log.c", '#include "ref/ref.h"\n'),
        ("src/stages/vif.c", '#include "ref/ref.h"\n'), ("src/scorer.c", '#include <volk.h>\n'),
        ("src/engine/plan.c", 'static VkBuffer buffer;\n'), ("src/model/mlp.c", '#include "onnx.pb-c.h"\n'),
        ("tools/vkvmaf/run/job.c", '#include "scorer.h"\n'), ("tools/vkvmaf/main.c", '#include "model/model.h"\n'),
        ("tools/common/message.c", '#include "run/job.h"\n'),
        ("tools/vkvmaf/run/job.c", '#include "cli/cli_parse.h"\n'),
        ("src/gpu/pass.c", '#include "engine/pipeline.h"\n'), ("src/api.c", '#include "../test/golden/clip.h"\n'),
        ("src/model/open.c", 'Onnx__ModelProto *m;\n'), ("include/vkvmaf/vkvmaf.h", '#include "gpu/gpu.h"\n'),
        ("include/vkvmaf/vkvmaf.h", "#include <vulkan/vulkan_core.h>\n"),
        ("include/vkvmaf/vkvmaf_vulkan.h", '#include "gpu/gpu.h"\n'),
        ("src/model/svm/svm.c", 'double y = exp(x);\n'), ("src/finalize.c", 'float y = powf(x, 0.5f);\n'),
    ]
    missed = [f for f in faults if not check(root, *f)]
    full = [f"src/{i}/{j}.c" for i in range(2) for j in range(SOURCES_MAX)]
    if crowded(full) or not crowded(full + ["src/0/a.c"]):
        missed.append(("src/0", "16 sources"))
    for path, text in missed:
        print(f"planted fault not seen: {path}: {text.strip()}")
    print(f"{len(faults) - len(missed)} of {len(faults)} planted faults seen")
    return bool(missed)


def main():
    root = sys.argv[-1]
    if sys.argv[1] == "--selftest":
        return selftest(root)
    paths = list(sources(root))
    wrong = crowded(paths)
    for path in paths:
        with open(f"{root}/{path}", encoding="utf-8") as f:
            wrong += check(root, path, f.read())
    print("\n".join(wrong))
    print(f"{len(paths)} files read, {len(wrong)} complaints")
    return bool(wrong) or len(paths) < 40


if __name__ == "__main__":
    sys.exit(main())
