"""If these fail, a client cannot be built, or is not there."""

from __future__ import annotations

import json
import re

import pytest

from tests.clients.catalogue import CLIENTS, ROOT, SCRIPTS, Client
from tests.clients.contract import NAME as CONTRACT
from tests.clients.environment import NODE

LOCKS = ROOT / "requirements/clients"
_HELPERS = {"__init__.py", "report.py", "report.mjs"}


def test_every_script_is_a_clients() -> None:
    there = {file.name for file in SCRIPTS.iterdir() if file.is_file()} - _HELPERS
    assert there == {f"{client.script}.{'py' if client.language == 'python' else 'mjs'}" for client in CLIENTS}


def test_every_lock_is_a_clients() -> None:
    assert {file.stem for file in LOCKS.glob("*.txt")} == {c.name for c in CLIENTS if c.language == "python"} | {
        NODE,
        CONTRACT,
    }
    assert {file.parent.name for file in LOCKS.glob("*/package-lock.json")} == {
        client.name for client in CLIENTS if client.language == "node"
    }


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_lock_has_a_hash_for_everything_and_names_no_place(client: Client) -> None:
    text = client.lock.read_text()
    if client.language == "python":
        assert all("--hash=sha256:" in pin for pin in re.split(r"\n(?=\w)", text)[1:])
        assert "://" not in text
        return
    packages = json.loads(text)["packages"]
    assert all("integrity" in package for name, package in packages.items() if name)
    assert not any("resolved" in package for package in packages.values())
