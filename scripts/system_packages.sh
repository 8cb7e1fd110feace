#!/bin/sh
# What `make test` needs from the system. As root on Debian it is installed; otherwise this says what is missing.
set -eu

missing=""
need() { # need PACKAGE COMMAND...: the command tells whether the package is there
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

need python3 command -v "${PYTHON:-python3}"
need python3-venv "${PYTHON:-python3}" -c "import venv, ensurepip"
need redis-server command -v redis-server
need postgresql sh -c "command -v initdb || ls /usr/lib/postgresql/*/bin/initdb"
need chromium command -v chromium

[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null
    # shellcheck disable=SC2086 # a list of packages
    exec apt-get install -q -y --no-install-recommends $missing >/dev/null
fi

echo "Not installed:$missing. On Debian, as root: apt-get install$missing"
if [ "${CI:-}" = true ]; then exit 1; fi
case " $missing " in *" python3"*) exit 1 ;; esac
echo "Tests that need them are skipped."
