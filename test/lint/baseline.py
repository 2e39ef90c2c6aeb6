"""What the library asks of every device (src/gpu/choose.c, gpu.h) is within the tightest limits of the devices that it
is meant for (docs/devices.md): it must not grow beyond them.

usage: baseline.py ROOT | baseline.py --selftest ROOT"""
import re
import sys

# The least that one of the devices has.
TIGHTEST = {
    "maxComputeWorkGroupInvocations": 256,       # VideoCore; Mali
    "maxComputeWorkGroupSize[0]": 256,           # VideoCore
    "maxComputeSharedMemorySize": 16384,         # VideoCore
    "maxPerStageDescriptorStorageBuffers": 8,    # VideoCore
    "maxPerStageDescriptorUniformBuffers": 12,   # what Vulkan guarantees
    "maxPushConstantsSize": 128,                 # what Vulkan guarantees
    "maxStorageBufferRange": 128 << 20,          # Adreno
    "maxBoundDescriptorSets": 4,                 # what Vulkan guarantees
}


def read(root):
    texts = []
    for path in ("src/gpu/choose.c", "src/gpu/gpu.h"):
        with open(f"{root}/{path}", encoding="utf-8") as file:
            texts.append(file.read())
    return texts


def number(text, header):
    """A number of C, a shift, or a name of the header."""
    if text.startswith("GPU_"):
        text = re.search(rf"#define {text} (.+)", header).group(1)
    left, _, right = text.replace("u", "").partition("<<")
    return int(left) << int(right or 0)


def check(choose, header):
    needs = dict(re.findall(r'\{"(\w+(?:\[0\])?)", l->[^,]+, ([^}]+)\}', choose))
    wrong = [f"{name} is asked for, and no device's limit is known" for name in needs if name not in TIGHTEST]
    for name, most in TIGHTEST.items():
        if name not in needs:
            wrong.append(f"{name} is not asked for")
        elif number(needs[name], header) > most:
            wrong.append(f"{name}: {number(needs[name], header)} is asked for; a device has {most}")
    return wrong


def selftest(choose, header):
    faults = [
        (choose.replace("l->maxComputeSharedMemorySize, 16384", "l->maxComputeSharedMemorySize, 32768"), header),
        (choose.replace("l->maxComputeWorkGroupInvocations, 128", "l->maxComputeWorkGroupInvocations, 512"), header),
        (choose.replace("1u << 27", "1u << 28"), header),
        (choose.replace('{"maxBoundDescriptorSets"', '{"maxBoundSets"'), header),
        (choose, header.replace("GPU_N_STORAGE 4", "GPU_N_STORAGE 9")),
        (choose, header.replace("GPU_PUSH_BYTES 128", "GPU_PUSH_BYTES 256")),
    ]
    seen = [bool(check(*fault)) for fault in faults]
    print(f"{sum(seen)} of {len(faults)} planted faults seen")
    return not all(seen) or bool(check(choose, header))


def main():
    choose, header = read(sys.argv[-1])
    if sys.argv[1] == "--selftest":
        return selftest(choose, header)
    wrong = check(choose, header)
    print("\n".join(wrong))
    print(f"{len(TIGHTEST)} limits read, {len(wrong)} complaints")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
