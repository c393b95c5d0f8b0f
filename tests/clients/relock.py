"""`python -m tests.clients.relock`: the locks of the clients that run in Node. A part of `make lock`."""

from __future__ import annotations

import json
import sys

from tests.clients.catalogue import CLIENTS
from tests.clients.environment import npm


def main(words: list[str]) -> None:
    for client in CLIENTS:
        if client.language == "node":
            if "--upgrade" in words:
                client.lock.unlink(missing_ok=True)
            npm(client.lock.parent, "install", "--package-lock-only", "--omit-lockfile-registry-resolved")
            count = len(json.loads(client.lock.read_text(encoding="utf-8"))["packages"]) - 1
            print(f"requirements/clients/{client.name}/package-lock.json: {count} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
