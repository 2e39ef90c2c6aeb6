# Shared by the scripts of this folder: a Python environment in the build folder, kept from run to run.

skip()
{
    echo "skipped: $1"
    exit 77
}

# make_venv PYTHON FOLDER PACKAGE...: sets `python`. Skips when the packages cannot be had.
make_venv()
{
    python=$2/bin/python
    [ -x "$python" ] || "$1" -m venv --system-site-packages "$2" >venv.log 2>&1 || {
        rm -rf "$2"
        skip "$1 makes no virtual environment: $(tail -n 1 venv.log)"
    }
    shift 2
    "$python" -m pip install --disable-pip-version-check --retries 1 --timeout 30 --quiet "$@" >venv.log 2>&1 ||
        skip "pip cannot install $*: $(grep -v '^$' venv.log | tail -n 1)"
}
