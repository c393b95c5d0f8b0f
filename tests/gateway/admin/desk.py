"""What tests of the administration ask: its real application behind its real door, with keys of every role."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import httpx

from gateway.access.directory import Directory
from gateway.access.keys import Keyring
from gateway.access.patience import Patience
from gateway.access.place import access_url
from gateway.admin.application import administration
from gateway.admin.archive import Archive
from gateway.admin.office import Office
from gateway.cache.purges import Purges
from gateway.config.access import RANKS, Role
from gateway.config.kinds import Secret
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.rulebook import Rulebook
from gateway.config.settings import Key, Team
from gateway.probes import Application, Probes
from gateway.quota.ask import Slice
from gateway.quota.life import Life
from gateway.quota.memory import MemoryQuota
from gateway.quota.protocol import Counts, Quota
from gateway.stores.eras import MemoryEras
from gateway.stores.memory import MemoryStore
from gateway.stores.protocol import ByteStore
from gateway.telemetry.metrics import Metrics

ROLES = tuple(cast(Role, role) for role in RANKS)
NOW = 1_800_000_000.0


def key_of(role: str) -> str:
    return f"tg-the-key-of-the-{role}"


@dataclass(frozen=True, slots=True)
class Serving:
    loaded: Loaded
    keyring: Keyring
    directory: Directory
    quota: Quota
    store: ByteStore | None
    purges: Purges | None


def nothing_before(_slice: Slice) -> Counts:
    return Counts({})


class Desk:
    """`probes` is what `asgi.py` hands on to; `application` what is behind, without who asks. Move `now` by hand."""

    def __init__(self, directory: Path, url: str | None = None) -> None:
        self.now = NOW
        keys = tuple(
            Key(name=role, key=Secret(key_of(role)), role=role, tags=("Blue", role), team="lab") for role in ROLES
        )
        loaded = replace(
            load(Path("tidegate.yaml")), state_directory=directory, ledger_url=url or f"sqlite:///{directory}/ledger.db"
        )
        loaded = replace(loaded, settings=replace(loaded.settings, keys=keys, teams={"house": Team(locality="local")}))
        self.directory = Directory(access_url(loaded), "s" * 40, time.monotonic)
        self.keyring = Keyring(keys, (), Rulebook.of(loaded.settings), self.directory, lambda: self.now)
        self.quota = MemoryQuota(Life("w0", self.now, lambda: self.now), nothing_before, lambda: self.now)
        self.store = MemoryStore(1_000_000, lambda: self.now)
        self.purges = Purges(MemoryEras(lambda: self.now), lambda: self.now)
        self.serving = Serving(loaded, self.keyring, self.directory, self.quota, self.store, self.purges)
        self.archive = Archive()
        self.office = Office(lambda: self.serving, lambda: self.now, self.archive)
        self.probes = Probes(
            Metrics(),
            lambda: None,
            lambda probes: administration(probes, self.office),
            lambda: self.keyring,
            Patience(time.monotonic),
        )
        self.application = administration(self.probes, self.office)

    def ask(self, role: str | None = None) -> httpx.AsyncClient:
        return client(self.probes, None if role is None else key_of(role))


def client(application: Application, key: str | None = None, *, raise_faults: bool = True) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application, raise_app_exceptions=raise_faults)
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)
