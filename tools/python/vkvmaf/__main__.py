"""python -m vkvmaf ...: the command line tool that belongs to this package."""
import os
import sys

from ._errors import VkvmafError
from ._native import program

try:
    path = program()
except VkvmafError as error:
    sys.exit(f"vkvmaf: {error}")
os.execv(path, [path, *sys.argv[1:]])
