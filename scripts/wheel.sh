#!/usr/bin/env bash
# Build the wheel into dist/, install it into an empty environment, and run the demo from it.
set -euo pipefail
cd "$(dirname "$0")/.."
clone=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 CSSERV_HOME=$folder/home CSSERV_DATA=$folder/data

"${1:-python3}" -m venv "$folder/venv"
bin=$folder/venv/bin
rm -f dist/csserv-*.whl
"$bin/pip" wheel --quiet --no-deps --wheel-dir dist .
"$bin/pip" install --quiet --constraint constraints.txt "$(echo "$clone"/dist/csserv-*.whl)[samples]"
cd "$folder" # away from the clone: what runs is the wheel's
"$bin/csserv" demo
