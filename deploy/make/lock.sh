#!/bin/sh
# Writes requirements/*.txt: exact versions with hashes, for every platform and Python >= 3.11. Pins already there are
# kept while they still fit; UPGRADE=1 takes the newest.
set -eu
cd "$(dirname "$0")/../.."

# uv does not read pip's configuration, so a mirror set there is handed on.
index=$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)
index=${PIP_INDEX_URL:-$index}
if [ -n "$index" ]; then
    UV_DEFAULT_INDEX=$index
    export UV_DEFAULT_INDEX
fi

lock() {
    name=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" ${UPGRADE:+--upgrade} \
        --output-file "requirements/$name.txt" "$@"
    echo "requirements/$name.txt: $(grep -c '^[a-zA-Z0-9._-]*==' "requirements/$name.txt") packages"
}

lock serve pyproject.toml --extra local --extra postgres
lock model requirements/model.in --no-deps
lock build requirements/build.in --constraint requirements/serve.txt
lock dev --group dev --constraint requirements/serve.txt --constraint requirements/build.txt

for file in requirements/clients/*.in; do
    lock "clients/$(basename "$file" .in)" "$file"
done
.venv/bin/python -m tests.clients.relock ${UPGRADE:+--upgrade}
