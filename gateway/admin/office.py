"""Office: what the endpoints of the administration work with. The composition root makes one for each worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gateway.access.directory import Directory
from gateway.access.keys import Keyring
from gateway.admin.archive import Archive
from gateway.cache.purges import Purges
from gateway.config.loaded import Loaded
from gateway.quota.protocol import Quota
from gateway.stores.protocol import ByteStore


class InForce(Protocol):
    """What serves with the configuration in force."""

    @property
    def loaded(self) -> Loaded: ...

    @property
    def keyring(self) -> Keyring: ...

    @property
    def directory(self) -> Directory: ...

    @property
    def quota(self) -> Quota: ...

    @property
    def store(self) -> ByteStore | None: ...

    @property
    def purges(self) -> Purges | None: ...


@dataclass(frozen=True, slots=True)
class Office:
    """`current` gives what is in force when it is called; `clock` the time, in seconds since the epoch; `archive` what
    the ledger holds.
    """

    current: Callable[[], InForce]
    clock: Callable[[], float]
    archive: Archive
