"""Compares what a driver's compiler says of the shaders (gpu_stats) with a budget.

usage: gpu_budget.py GPU_STATS BUDGET [--form=FORM] [DEVICE]
                              compare; exit code 1 when a shader spills more than the budget has, takes more than 3 %
                              more cycles, or is not in it
       gpu_budget.py GPU_STATS BUDGET --record ...
                              write the part of the driver and form anew
       gpu_budget.py GPU_STATS BUDGET --plant ...
                              demand that more spills or cycles than the budget has are seen

The budget has a part for each driver and version: the longest of its names that begins the driver's description counts
("radv" is for all versions of it). It has a part for each form, in which "*" stands for all shaders that it does not
name. The form is the one that the device gets, or FORM.

Spills are the sum of all statistics about spilled registers, their fills and scratch memory; cycles are those that the
driver estimates, if it does. Without DEVICE it is RADV's null device. Exit code 77: no such device, no budget for its
driver, or a driver that does not tell (it is reported what it says)."""
import json
import re
import subprocess
import sys

TOLERANCE = 1.03
SPILLED = re.compile(r"spill|fill|scratch", re.I)
CYCLES = re.compile(r"^(cycle count|cycles|inverse throughput)$", re.I)


def parse(text):
    """The driver's description, the form, and of each shader its spills and cycles."""
    lines = text.splitlines()
    driver, form = (next(line for line in lines if line.startswith(word))[len(word):] for word in ("driver ", "form "))
    shaders = {}
    for line in lines:
        if not line.startswith("shader "):
            continue
        name, *statistics = line[len("shader "):].split("; ")
        here = shaders.setdefault(name, {"spills": 0})
        for statistic in statistics:
            what, value = statistic.rsplit(" = ", 1)
            if SPILLED.search(what):
                here["spills"] += float(value)
            if CYCLES.search(what):
                here["cycles"] = max(here.get("cycles", 0), float(value))
    return driver, form, shaders


def measure(program, arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        print(done.stdout.strip())
        sys.exit(77)
    if done.returncode:
        sys.exit(f"{program} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return parse(done.stdout)


def part_of(budget, driver, form):
    """The name of the driver's part that has the form."""
    names = [name for name in budget if driver.startswith(name) and form in budget[name]]
    return max(names, key=len) if names else None


def compare(shaders, budget):
    """The names of shaders that are worse than the budget."""
    worse = []
    for name, shader in sorted(shaders.items()):
        allowed = budget.get(name, budget.get("*"))
        print(f"{name}: spills {shader['spills']:g}, cycles {shader.get('cycles', '-')}")
        if not allowed:
            print("    not in the budget file; run with --record")
            worse.append(name)
        elif shader["spills"] > allowed["spills"] or \
                shader.get("cycles", 0) > TOLERANCE * allowed.get("cycles", shader.get("cycles", 0)):
            print(f"    WORSE than {allowed}")
            worse.append(name)
    return worse


def planted(shaders):
    """Whether all shaders are worse than budgets with a spill less, with less cycles, and without them."""
    spills = {name: {"spills": s["spills"] - 1} for name, s in shaders.items()}
    cycles = {name: {**s, "cycles": s["cycles"] / 1.04} for name, s in shaders.items() if "cycles" in s}
    return len(compare(shaders, spills)) == len(compare(shaders, cycles)) == len(compare(shaders, {})) == len(shaders) \
        and not compare(shaders, shaders)


def main():
    program, path, *rest = sys.argv[1:]
    mode = rest.pop(0) if rest and rest[0] in ("--record", "--plant") else ""
    driver, form, shaders = measure(program, rest)
    with open(path, encoding="utf-8") as file:
        budget = json.load(file)
    if mode == "--record":
        budget.setdefault(driver, {})[form] = shaders
        with open(path, "w", encoding="utf-8") as file:
            json.dump(budget, file, indent=1, sort_keys=True)
            file.write("\n")
        return 0
    if mode == "--plant":
        return not planted(shaders)
    part = part_of(budget, driver, form)
    if not part:
        print(f"skipped: there is no budget for {driver}, form {form}; --record makes one")
        return 77
    worse = compare(shaders, budget[part][form])
    print(f"{driver}, form {form}: {len(shaders)} shaders, {len(worse)} worse than the budget of {part}")
    return bool(worse) or len(shaders) < 10


if __name__ == "__main__":
    sys.exit(main())
