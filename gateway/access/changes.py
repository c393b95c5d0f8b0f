"""Changes: what can become of keys and teams in the database. Each leaves an event: who, what, when, and no key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.access.stored import StoredSecret
from gateway.access.tables import EVENTS, KEYS, SECRETS, TEAMS
from gateway.access.terms import KeyTerms, TeamTerms, written


def _nobody_did() -> bool:
    return False


class Hand(NamedTuple):
    """Who makes a change, and when. `gave_up`: whether they have stopped waiting for it."""

    actor: str
    at: float
    gave_up: Callable[[], bool] = _nobody_did


class Change:
    """One transaction: nobody else changes anything meanwhile, so what was looked up in here holds."""

    def __init__(self, connection: Connection, version: int, hand: Hand) -> None:
        self._connection = connection
        self._version = version
        self._hand = hand

    def has_key(self, name: str) -> bool:
        return self._connection.execute(select(KEYS.c.name).where(KEYS.c.name == name)).first() is not None

    def has_team(self, name: str) -> bool:
        return self._connection.execute(select(TEAMS.c.name).where(TEAMS.c.name == name)).first() is not None

    def members(self, team: str) -> int:
        """How many keys of a team are not revoked."""
        its = (KEYS.c.team == team) & KEYS.c.revoked_at.is_(None)
        return self._connection.execute(select(func.count()).where(its)).scalar_one()

    def make_key(self, name: str, terms: KeyTerms, secret: StoredSecret, expires_at: float | None) -> None:
        values = self._written(terms) | {"name": name, "expires_at": expires_at}
        self._connection.execute(insert(KEYS), values | self._made() | {"version": self._version})
        self._add(name, secret)
        said = {"key": secret.shown, "expires_at": expires_at, "terms": orjson.loads(written(terms))}
        self.note("key.created", "key", name, said)

    def change_key(self, name: str, terms: KeyTerms, expires_at: float | None, said: Mapping[str, object]) -> None:
        self._touch(name, **self._written(terms), expires_at=expires_at)
        self.note("key.changed", "key", name, said)

    def rotate_key(self, name: str, secret: StoredSecret, until: float) -> None:
        """Those that there are go on until then at most; what has ended goes."""
        its = SECRETS.c.key == name
        longer = SECRETS.c.until.is_(None) | (SECRETS.c.until > until)
        self._connection.execute(update(SECRETS).where(its & longer).values(until=until))
        self._connection.execute(delete(SECRETS).where(its & (SECRETS.c.until <= self._hand.at)))
        self._add(name, secret)
        self._touch(name)
        self.note("key.rotated", "key", name, {"key": secret.shown, "before_until": until})

    def revoke_key(self, name: str) -> None:
        self._touch(name, revoked_at=self._hand.at)
        self._connection.execute(delete(SECRETS).where(SECRETS.c.key == name))
        self.note("key.revoked", "key", name, {})

    def make_team(self, name: str, terms: TeamTerms) -> None:
        self._connection.execute(insert(TEAMS), {"name": name, "terms": written(terms)} | self._made())
        self.note("team.created", "team", name, {"terms": orjson.loads(written(terms))})

    def change_team(self, name: str, terms: TeamTerms, said: Mapping[str, object]) -> None:
        self._connection.execute(update(TEAMS).where(TEAMS.c.name == name).values(terms=written(terms)))
        self.note("team.changed", "team", name, said)

    def remove_team(self, name: str) -> None:
        self._connection.execute(delete(TEAMS).where(TEAMS.c.name == name))
        self.note("team.removed", "team", name, {})

    def purge_cache(self, name: str) -> None:
        """Of answers; `name` says of what, such as `route:auto`."""
        self.note("cache.purged", "cache", name, {})

    def note(self, action: str, kind: str, name: str, said: Mapping[str, object]) -> None:
        values = {"at": self._hand.at, "actor": self._hand.actor, "action": action, "kind": kind, "name": name}
        self._connection.execute(insert(EVENTS), values | {"said": orjson.dumps(said).decode()})

    def _touch(self, name: str, **values: object) -> None:
        """So that workers fetch it anew."""
        self._connection.execute(update(KEYS).where(KEYS.c.name == name).values(**values, version=self._version))

    def _add(self, name: str, secret: StoredSecret) -> None:
        self._connection.execute(insert(SECRETS), {"key": name, **secret._asdict()})

    def _made(self) -> dict[str, object]:
        return {"made_at": self._hand.at, "made_by": self._hand.actor}

    @staticmethod
    def _written(terms: KeyTerms) -> dict[str, object]:
        return {"terms": written(terms), "team": terms.team}
