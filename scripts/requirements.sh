#!/bin/sh
# Compiles requirements*.in to hash-pinned requirements*.txt with pip-tools, from whatever index pip is set to;
# no index address is written down.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check pip-tools
compile() {
    "$tools/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options "$@"
}
compile "$@" --output-file requirements.txt requirements.in
compile "$@" --output-file requirements-dev.txt requirements-dev.in
