#!/bin/sh
# The Python package: "tree" runs its tests on the sources and the build beside them, "wheel" builds a wheel, installs it
# into an environment of its own, and runs them on that.
# Arguments: tree or wheel, python3, the project's root, a folder to work in, the tool, the library, the
# folder with golden data.
set -eu
root=$(cd "$3" && pwd)
. "$root/test/python/venv.sh"
mkdir -p "$4"
cd "$4"

case $1 in
tree)
    make_venv "$2" "$PWD/venv" numpy
    PYTHONPATH=$root/tools/python
    LD_LIBRARY_PATH=$(dirname "$6")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    PATH=$(dirname "$5"):$PATH
    export PYTHONPATH LD_LIBRARY_PATH PATH
    ;;
wheel)
    make_venv "$2" "$PWD/venv" numpy 'scikit-build-core>=0.10'
    rm -f ./*.whl
    "$python" -m pip wheel --quiet --no-build-isolation --no-deps --config-settings=build-dir="$PWD/cmake" -w . "$root/tools/python"
    "$python" -m pip install --quiet --no-index --no-deps --force-reinstall ./*.whl
    # Nothing of the build or the system may stand in for what the wheel lacks.
    unset PYTHONPATH LD_LIBRARY_PATH
    ;;
esac
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
exec "$python" -W error "$root/test/python/scores.py" "$7"
