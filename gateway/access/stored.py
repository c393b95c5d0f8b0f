"""Stored: keys and teams as they were made at run time, and the shelf on which a worker has all of them at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Self

from gateway.access.terms import KeyTerms, TeamTerms

Status = Literal["active", "expired", "revoked"]


class StoredSecret(NamedTuple):
    """One key that opens for a name; while it is being rotated there are several. Times: seconds since the epoch."""

    digest: bytes
    shown: str
    mark: str
    """Of the secret that it is hashed with."""
    made_at: float
    until: float | None
    """It was replaced: good until then."""


class StoredKey(NamedTuple):
    """Whoever holds one of its secrets. Its name is never given to another."""

    name: str
    terms: KeyTerms
    made_at: float
    made_by: str
    expires_at: float | None
    revoked_at: float | None
    secrets: tuple[StoredSecret, ...]

    def status(self, now: float) -> Status:
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


class StoredTeam(NamedTuple):
    name: str
    terms: TeamTerms
    made_at: float
    made_by: str


class Event(NamedTuple):
    """A change: `actor` is the name of the key that made it. `said` holds no key."""

    id: int
    at: float
    actor: str
    action: str
    kind: str
    name: str
    said: Mapping[str, object]


class Seen(NamedTuple):
    """What a worker knows: of which database, up to which change."""

    epoch: str
    version: int


class News(NamedTuple):
    """What has changed since. `whole`: nothing that was known before counts."""

    seen: Seen
    whole: bool
    keys: tuple[StoredKey, ...]
    teams: tuple[StoredTeam, ...]


class Held(NamedTuple):
    """A key, and until when the secret that was shown is good."""

    key: StoredKey
    until: float | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """All keys that are good, by digest, and all teams. Never changed: another one takes its place."""

    seen: Seen | None = None
    names: Mapping[str, StoredKey] = field(default_factory=dict)
    teams: Mapping[str, StoredTeam] = field(default_factory=dict)
    held: Mapping[bytes, Held] = field(default_factory=dict)
    strange: int = 0
    """How many keys were hashed with another secret than ours: they open nothing."""

    def after(self, news: News, mark: str) -> Self:
        """With what is new. `mark` is of the secret in force."""
        names = {} if news.whole else dict(self.names)
        names.update((key.name, key) for key in news.keys)
        alive = [key for key in names.values() if key.revoked_at is None]
        held = dict(_held(alive, mark))
        strange = sum(all(secret.mark != mark for secret in key.secrets) for key in alive)
        return type(self)(news.seen, names, {team.name: team for team in news.teams}, held, strange)


def _held(keys: Iterable[StoredKey], mark: str) -> Iterable[tuple[bytes, Held]]:
    for key in keys:
        for secret in key.secrets:
            if secret.mark == mark:
                ends = [end for end in (key.expires_at, secret.until) if end is not None]
                yield secret.digest, Held(key, min(ends, default=None))
