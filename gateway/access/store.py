"""AccessStore: keys and teams that are made at run time, in SQL. It waits for the database, so it is asked in a thread
(`directory.py`) or from the command line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Final, Self

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, true, update

from gateway.access.changes import Change, Hand
from gateway.access.stored import Event, News, Seen, StoredKey, StoredSecret, StoredTeam
from gateway.access.tables import EVENTS, KEYS, SECRETS, STATE, TEAMS, made
from gateway.access.terms import KeyTerms, TeamTerms, Terms, read
from gateway.stores.sql import WAIT_SECONDS, Database

_AT_ONCE: Final = 500  # names in one question
# For terms of a later release, which may narrow them in ways that this one does not know.
_NO_KEY: Final = KeyTerms(routes=(), locality="local")
_NO_TEAM: Final = TeamTerms(locality="local")


class _Database(Database):
    name: ClassVar[str] = "access"


class GivenUp(Exception):
    """Nobody waits for the change any more, so it was not made."""


class AccessStore:
    """Every method raises `DatabaseUnavailable` when the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, wait_seconds: float = WAIT_SECONDS) -> Self:
        """Connects, and makes the tables where there are none."""
        return cls(_Database.opened(url, wait_seconds, made))

    def news(self, seen: Seen | None) -> News | None:
        """What has changed since; None for nothing."""
        with self._database.reading() as connection:
            now = Seen(*connection.execute(select(STATE.c.epoch, STATE.c.version)).one())
            if now == seen:
                return None
            whole = seen is None or seen.epoch != now.epoch or seen.version > now.version
            changed = true() if whole or seen is None else KEYS.c.version > seen.version
            keys = self._keys(connection, select(KEYS).where(changed))
            teams = connection.execute(select(TEAMS)).all()
        return News(now, whole, tuple(keys), tuple(map(_team, teams)))

    def key(self, name: str) -> StoredKey | None:
        with self._database.reading() as connection:
            return next(iter(self._keys(connection, select(KEYS).where(KEYS.c.name == name))), None)

    def list_keys(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        team: str | None = None,
        besides: Collection[str] = (),
    ) -> list[StoredKey]:
        """By name; those behind `after`, of a team or of all, and none of `besides`."""
        wanted: ColumnElement[bool] = KEYS.c.name.not_in(besides) if besides else true()
        if after is not None:
            wanted &= KEYS.c.name > after
        if team is not None:
            wanted &= KEYS.c.team == team
        with self._database.reading() as connection:
            return self._keys(connection, select(KEYS).where(wanted).order_by(KEYS.c.name).limit(limit))

    def team(self, name: str) -> StoredTeam | None:
        with self._database.reading() as connection:
            found = connection.execute(select(TEAMS).where(TEAMS.c.name == name)).one_or_none()
        return None if found is None else _team(found)

    def list_teams(self) -> list[StoredTeam]:
        """By name."""
        with self._database.reading() as connection:
            return [_team(row) for row in connection.execute(select(TEAMS).order_by(TEAMS.c.name))]

    def events(self, *, before: int | None = None, limit: int, name: str | None = None) -> list[Event]:
        """The latest first; those before one, of a key or team or of all."""
        wanted: ColumnElement[bool] = true()
        if before is not None:
            wanted &= EVENTS.c.id < before
        if name is not None:
            wanted &= EVENTS.c.name == name
        query = select(EVENTS).where(wanted).order_by(EVENTS.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [Event(**{**row._mapping, "said": orjson.loads(row.said)}) for row in connection.execute(query)]

    @contextmanager
    def changing(self, hand: Hand) -> Iterator[Change]:
        """What is changed in here is there together, or not at all. One change at a time, whoever makes it. Raises
        `GivenUp` when nobody waits for it any more."""
        with self._database.writing() as connection:
            connection.execute(update(STATE).values(version=STATE.c.version + 1))
            version = connection.execute(select(func.max(STATE.c.version))).scalar_one()
            yield Change(connection, version, hand)
            if hand.gave_up():
                raise GivenUp

    def close(self) -> None:
        self._database.close()

    def _keys(self, connection: Connection, query: Select[Any]) -> list[StoredKey]:
        rows = connection.execute(query).all()
        secrets: dict[str, list[StoredSecret]] = {row.name: [] for row in rows}
        for names in _pieces(list(secrets)):
            found = connection.execute(select(SECRETS).where(SECRETS.c.key.in_(names)).order_by(SECRETS.c.made_at))
            for row in found:
                secrets[row.key].append(StoredSecret(bytes(row.digest), row.shown, row.mark, row.made_at, row.until))
        return [_key(row, tuple(secrets[row.name])) for row in rows]


def _pieces(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]


def _key(row: Row[Any], secrets: tuple[StoredSecret, ...]) -> StoredKey:
    return StoredKey(
        row.name,
        _terms(row.terms, _NO_KEY),
        row.made_at,
        row.made_by,
        row.expires_at,
        row.revoked_at,
        secrets,
    )


def _team(row: Row[Any]) -> StoredTeam:
    return StoredTeam(row.name, _terms(row.terms, _NO_TEAM), row.made_at, row.made_by)


def _terms(text: str, instead: Terms) -> Terms:
    try:
        return read(text, type(instead))
    except ValueError:
        return instead
