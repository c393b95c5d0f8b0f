#!/bin/sh
# Prints the Python that .venv is made with: the first of a few names that is 3.11 or later and can make one.
# PYTHON=/path/to/python chooses another.
set -u

# 0: fine, 1: too old or does not run, 2: cannot make a virtual environment
judge() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || return 1
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 || return 2
}

lame=
for name in ${PYTHON:+"$PYTHON"} ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    judge "$name"
    case $? in
        0) exec "$name" -c 'import sys; print(sys.executable)' ;;
        2) lame=${lame:-$name} ;;
    esac
done

if [ -n "$lame" ]; then
    echo "$lame cannot make virtual environments: its modules venv and ensurepip are missing." >&2
    echo "On Debian and Ubuntu: apt-get install ${lame##*/}-venv" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "PYTHON=$PYTHON is not Python 3.11 or later." >&2
else
    echo "Tidegate needs Python 3.11 or later; none was found as python3.13, python3.12, python3.11 or python3." >&2
    echo "Install one, or name it: make serve PYTHON=/path/to/python" >&2
fi
exit 1
