"""The package's declarations of C structs and constants against the public header, by a C program that the compiler
of this build makes. Afterwards planted faults must be seen.

usage: layouts.py ROOT CC"""
import ctypes
import importlib.util
import os
import re
import subprocess
import sys
import tempfile


def load(root):
    """The declarations alone: the package itself needs numpy."""
    spec = importlib.util.spec_from_file_location("abi", f"{root}/tools/python/vkvmaf/_abi.py")
    abi = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(abi)
    return abi


def declared(abi):
    """Lines "C expression: value" of everything that the package relies on."""
    lines = {}
    for name, struct in abi.STRUCTS.items():
        lines[f"sizeof({name})"] = ctypes.sizeof(struct)
        for field, _ in struct._fields_:
            lines[f"offsetof({name}, {field})"] = getattr(struct, field).offset
            lines[f"sizeof((({name} *)0)->{field})"] = getattr(struct, field).size
    for name, value in vars(abi).items():
        if name.isupper() and isinstance(value, int):
            lines[f"VKV_{name}"] = value
    for name in abi.FUNCTIONS:
        lines[f"sizeof(&{name})"] = ctypes.sizeof(ctypes.c_void_p)
    return lines


def measured(root, compiler, expressions):
    """The same expressions by the compiler."""
    lines = "".join(f'    printf("%lld\\n", (long long)({e}));\n' for e in expressions)
    source = ("#include <stddef.h>\n#include <stdio.h>\n#include <vkvmaf/vkvmaf.h>\n"
              f"int main(void)\n{{\n{lines}    return 0;\n}}\n")
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/layouts"
        with open(f"{program}.c", "w", encoding="ascii") as file:
            file.write(source)
        subprocess.run([compiler, f"-I{root}/include", "-o", program, f"{program}.c"], check=True)
        out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return dict(zip(expressions, map(int, out.split())))


def differences(root, compiler, abi):
    wanted = declared(abi)
    real = measured(root, compiler, list(wanted))
    return [f"{name}: declared {value}, is {real.get(name)}" for name, value in wanted.items()
            if real.get(name) != value]


def planted(root, compiler):
    """Declarations made wrong on purpose; each must give a difference. Returns those that give none."""
    def with_field(struct, index, field):
        fields = [field if i == index % len(struct._fields_) else old for i, old in enumerate(struct._fields_)]
        return type("Planted", (ctypes.Structure,), {"_fields_": fields})

    def longer(abi):
        abi.STRUCTS["vkv_plane"] = with_field(abi.Plane, -1, ("memory", ctypes.c_void_p * 2))

    def narrow(abi):
        abi.STRUCTS["vkv_scorer_params"] = with_field(abi.ScorerParams, 1, ("width", ctypes.c_uint16))

    def another_name(abi):
        abi.STRUCTS["vkv_device_info"] = with_field(abi.DeviceInfo, 1, ("type", ctypes.c_uint32))
        abi.STRUCTS["vkv_device_info"] = with_field(abi.STRUCTS["vkv_device_info"], 2, ("index", ctypes.c_uint32))

    def constant(abi):
        abi.AGAIN = 3

    missed = []
    for plant in (longer, narrow, another_name, constant):
        abi = load(root)
        plant(abi)
        if not differences(root, compiler, abi):
            missed.append(plant.__name__)
    return missed


def other_folders(root):
    """Whether the places of libvmaf's models are not those of the program, in its order."""
    def listed(path, *names):
        with open(f"{root}/tools/{path}", encoding="utf-8") as file:
            text = file.read()
        lists = [re.search(rf"\b{name}\b[^=;{{]*= [{{\[]([^}}\]]*)", text).group(1) for name in names]
        return re.findall('"([^"]*)"', "".join(lists))
    python, program = "python/vkvmaf/_models.py", "vkvmaf/models/svm_folders.c"
    return (listed(python, "SVM_FOLDERS") != listed(program, "folders_beside", "own_folders", "usual_folders") or
            listed(python, "PACKAGE_FOLDERS") != listed(program, "package_folders") or
            listed(python, "FOLDERS_BELOW") != listed(program, "folders_below"))


def main():
    root, compiler = os.path.abspath(sys.argv[1]), sys.argv[2]
    wanted = declared(load(root))
    wrong = differences(root, compiler, load(root))
    print("".join(line + "\n" for line in wrong), end="")
    missed = planted(root, compiler)
    print(f"{len(wanted)} values compared, {len(wrong)} differ; planted faults missed: {', '.join(missed) or 'none'}")
    if other_folders(root):
        print("the folders of libvmaf's models are not those of tools/vkvmaf/models/svm_folders.c")
    return bool(wrong or missed or other_folders(root))


if __name__ == "__main__":
    sys.exit(main())
