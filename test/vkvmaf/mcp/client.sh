#!/bin/sh
# The server with the package mcp. Arguments: python3, the project's root, a folder to work in, the tool.
set -eu
root=$(cd "$2" && pwd)
. "$root/test/python/venv.sh"
mkdir -p "$3"
cd "$3"
make_venv "$1" "$PWD/venv" 'mcp>=1.9,<3'
exec "$python" "$root/test/vkvmaf/mcp/client.py" "$4"
