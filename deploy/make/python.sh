#!/bin/sh
# Prints the Python that .venv is made with: of those on PATH that are 3.11 or later and can make one, the first of a
# few names, or one that is quicker by a sixth. Builds differ by a third: what a distribution ships was optimised with
# profiles, what was compiled on the machine mostly was not, and most of what the gateway does is Python.
# PYTHON=/path/to/python chooses another.
set -u

# 0: fine, 1: too old or does not run, 2: cannot make a virtual environment
judge() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || return 1
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 || return 2
}

# Microseconds of a piece of work like the gateway's: calls, dictionaries, tuples, small strings.
pace() {
    "$1" -c '
import time
def work():
    counts = {}
    for number in range(12_000):
        key = ("name", number % 97)
        counts[key] = counts.get(key, 0) + len(str(number))
def spent():
    begun = time.process_time()
    work()
    return time.process_time() - begun
print(int(min(spent() for _ in range(15)) * 1e6))'
}

# Every executable of these names on PATH, in the order of the names.
candidates() {
    if [ -n "${PYTHON:-}" ]; then
        echo "$PYTHON"
        return
    fi
    for name in python3.13 python3.12 python3.11 python3; do
        rest=${PATH:-}:
        while [ -n "$rest" ]; do
            folder=${rest%%:*}
            rest=${rest#*:}
            [ -x "${folder:-.}/$name" ] && echo "${folder:-.}/$name"
        done
    done
}

lame=
best=
best_pace=
IFS='
'
for candidate in $(candidates); do
    judge "$candidate"
    case $? in
        0)
            # What stands in .venv already is not made again, so there is nothing to choose.
            if [ -n "${PYTHON:-}" ] || [ -x .venv/bin/python ]; then
                exec "$candidate" -c 'import sys; print(sys.executable)'
            fi
            found_pace=$(pace "$candidate")
            if [ -z "$best" ] || [ $((found_pace * 6)) -lt $((best_pace * 5)) ]; then
                best=$candidate
                best_pace=$found_pace
            fi
            ;;
        2) lame=${lame:-$candidate} ;;
    esac
done

if [ -n "$best" ]; then
    exec "$best" -c 'import sys; print(sys.executable)'
elif [ -n "$lame" ]; then
    echo "$lame cannot make virtual environments: its modules venv and ensurepip are missing." >&2
    echo "On Debian and Ubuntu: apt-get install ${lame##*/}-venv" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "PYTHON=$PYTHON is not Python 3.11 or later." >&2
else
    echo "Tidegate needs Python 3.11 or later; none was found as python3.13, python3.12, python3.11 or python3." >&2
    echo "Install one, or name it: make serve PYTHON=/path/to/python" >&2
fi
exit 1
