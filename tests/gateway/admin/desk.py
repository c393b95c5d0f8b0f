"""What tests of the administration ask: its real application behind its real door, with keys of every role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from gateway.access.keys import Keyring
from gateway.admin.application import administration
from gateway.admin.office import Office
from gateway.config.access import RANKS
from gateway.config.kinds import Secret
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.settings import Key
from gateway.probes import Application, Probes
from gateway.telemetry.metrics import Metrics

ROLES = tuple(RANKS)
NOW = 1_800_000_000.0


def key_of(role: str) -> str:
    return f"tg-the-key-of-the-{role}"


@dataclass(frozen=True, slots=True)
class Serving:
    loaded: Loaded
    keyring: Keyring


class Desk:
    """`door` is what `asgi.py` hands on to; `behind` the application, without who asks."""

    def __init__(self, loaded: Loaded | None = None) -> None:
        own = loaded or load(Path("tidegate.yaml"))
        keys = tuple(
            Key(name=role, key=Secret(key_of(role)), role=role, tags=("Blue", role), team="lab")  # type: ignore[arg-type]
            for role in ROLES
        )
        self.loaded = replace(own, settings=replace(own.settings, keys=keys))
        self.office = Office(lambda: Serving(self.loaded, Keyring(keys)), lambda: NOW)
        self.probes = Probes(
            Metrics(), lambda: None, lambda probes: administration(probes, self.office), lambda: Keyring(keys)
        )
        self.application = administration(self.probes, self.office)

    def ask(self, role: str | None = None, *, raise_faults: bool = True) -> httpx.AsyncClient:
        return client(self.probes, role, raise_faults=raise_faults)


def client(application: Application, role: str | None = None, *, raise_faults: bool = True) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application, raise_app_exceptions=raise_faults)
    headers = {} if role is None else {"authorization": f"Bearer {key_of(role)}"}
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)
