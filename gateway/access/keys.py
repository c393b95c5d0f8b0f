"""Keys: what a caller shows, and whom it makes them.

A key of the configuration is found by its SHA-256 digest, one that was made at run time by its HMAC. What is compared
is a digest that the caller cannot steer, so the time of the look-up says nothing about how much of a guess was right.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from gateway.access.anonymous import anonymous, is_from_here
from gateway.access.keyed_hash import KeyedHash
from gateway.access.principal import Principal
from gateway.access.stored import Shelf, StoredTeam
from gateway.config.quota import Budget
from gateway.config.rulebook import EMPTY as NO_RULES
from gateway.config.rulebook import Rulebook
from gateway.config.settings import Key
from gateway.wire.errors import Unauthenticated, Unavailable, WrongKey
from router.clearance import ANY, LOCAL, Clearance

KEY_PREFIX: Final = "tg-"
KEY_CHARACTERS: Final = 40  # of 62 kinds: 238 bits
HASH_PREFIX: Final = "sha256:"

_ALPHABET: Final = string.ascii_letters + string.digits
_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}\Z")
_MISSING: Final = (
    "You didn't provide an API key. Send it in the Authorization header using Bearer auth "
    "(Authorization: Bearer YOUR_KEY)."
)
_OVER: Final = "This API key has expired. Ask the operator of this gateway for another."
_WRONG: Final = "Incorrect API key provided. Check the key, or ask the operator of this gateway for one."


def generate_key() -> str:
    """A new key: `tg-` and 40 random letters and digits."""
    return KEY_PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(KEY_CHARACTERS))


def hash_key(key: str) -> str:
    """What is kept of a key: `sha256:` and 64 hex digits. A generated key is too long to guess, so it needs no salt."""
    return HASH_PREFIX + hashlib.sha256(key.encode()).hexdigest()


def digest_of(key: Key) -> bytes:
    """The 32 bytes that a configured key is found by. Raises `ValueError` as `Keyring` does."""
    value = key.key.get_secret_value().strip() if key.key is not None else ""
    if value and key.hash is None:
        return hashlib.sha256(value.encode()).digest()
    if not value and key.hash is not None and _HASH.match(key.hash):
        return bytes.fromhex(key.hash.removeprefix(HASH_PREFIX))
    raise ValueError(f"key '{key.name}' needs either a key or a hash of the form sha256:…")


class Known(Protocol):
    """Keys and teams that are made at run time: `directory.py`."""

    @property
    def shelf(self) -> Shelf | None: ...

    @property
    def keyed_hash(self) -> KeyedHash: ...


class _Nothing:
    """No key and no team is made at run time."""

    shelf = Shelf()
    keyed_hash = KeyedHash("")


_NOTHING: Final = _Nothing()


class Keyring:
    """The keys of one configuration, and those that are made at run time. `clock` gives seconds since the epoch.

    Raises `ValueError` if one of the configuration has no key or hash, or a hash of another shape.
    """

    def __init__(
        self,
        keys: Sequence[Key],
        anonymous_routes: Sequence[str] = (),
        rulebook: Rulebook = NO_RULES,
        known: Known = _NOTHING,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._keys = {digest_of(key): key for key in keys}
        self._names = frozenset(key.name for key in keys)
        self._rulebook = rulebook
        self._known = known
        self._clock = clock
        self._anonymous = anonymous(anonymous_routes, rulebook)
        self._take(known.shelf)

    def authenticate(self, authorization: bytes | None) -> Principal:
        """Who the `Authorization` header belongs to. Raises `Unauthenticated`; the message never holds the key."""
        if not authorization:
            raise Unauthenticated(_MISSING)
        scheme, _, key = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            raise Unauthenticated(_MISSING)
        return self.identify(key)

    def without_key(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> Principal:
        """Who somebody without a key is. Raises `Unauthenticated` for all but programs on this machine."""
        if self._anonymous is None or not is_from_here(scope, headers):
            raise Unauthenticated(_MISSING)
        return self._anonymous

    def identify(self, key: bytes) -> Principal:
        """Who a bare key belongs to (some dialects have a header of their own for it). Raises `Unauthenticated`, or
        `Unavailable` where nobody can say."""
        key = key.strip()
        if not key:
            raise Unauthenticated(_MISSING)
        shelf = self._known.shelf
        if shelf is not self._shelf:
            self._take(shelf)
        principal = self._principals.get(hashlib.sha256(key).digest())
        return self._stored(key, shelf) if principal is None else principal

    def _take(self, shelf: Shelf | None) -> None:
        """What has been made or changed since: teams concern the configuration's keys too."""
        self._shelf = shelf
        self._teams = {} if shelf is None else shelf.teams
        teams = {name: team.terms.as_team() for name, team in self._teams.items()}
        self._book = replace(self._rulebook, teams={**teams, **self._rulebook.teams})
        self._principals = {digest: self._principal(key, {}) for digest, key in self._keys.items()}
        self._made: dict[str, Principal] = {}

    def _stored(self, key: bytes, shelf: Shelf | None) -> Principal:
        if shelf is None:
            raise Unavailable("Keys cannot be looked up now. Try again.", retry_after=1)
        held = shelf.held.get(self._known.keyed_hash.digest(key)) if shelf.held else None
        if held is None or held.key.name in self._names:  # the configuration has the last word
            raise WrongKey(_WRONG)
        if held.until is not None and held.until <= self._clock():
            raise Unauthenticated(_OVER)
        name = held.key.name
        principal = self._made.get(name)
        if principal is None:
            terms, origin = held.key.terms, repr(held.key.made_at)
            principal = self._made[name] = self._principal(terms.as_key(name), terms.budgets, origin)
        return principal

    def _principal(self, key: Key, budgets: Mapping[str, Budget], origin: str = "") -> Principal:
        book, asker = self._book, self._book.asker(key)
        team = self._stored_team(key.team)
        return Principal(
            key.name,
            key.team,
            None if key.routes is None else frozenset(key.routes),
            book.locality(key).join(self._in_doubt(key.team)),
            asker=asker,
            mark=book.mark(asker),
            role=key.role,
            tags=frozenset(tag.strip().lower() for tag in key.tags),
            limits=key.limits,
            team_limits=book.limits_of_team(key.team),
            budgets=(*_of_key(key.name, budgets), *_of_team(team)),
            origin=origin,
            team_origin="" if team is None else repr(team.made_at),
            priority=key.priority,
        )

    def _in_doubt(self, team: str | None) -> Clearance:
        """While nobody can say what was made at run time, a team may be one of which that narrows what its keys ask."""
        return LOCAL if self._shelf is None and team is not None and team not in self._rulebook.teams else ANY

    def _stored_team(self, name: str | None) -> StoredTeam | None:
        """One of the configuration has the last word."""
        return None if name is None or name in self._rulebook.teams else self._teams.get(name)


def _of_team(team: StoredTeam | None) -> Iterator[tuple[str, Budget]]:
    """Budgets of a team that was made at run time; those of the configuration stand there by name."""
    if team is not None:
        for own, budget in team.terms.budgets.items():
            yield f"teams.{team.name}.{own}", replace(budget, team=team.name)


def _of_key(name: str, budgets: Mapping[str, Budget]) -> Iterator[tuple[str, Budget]]:
    for own, budget in budgets.items():
        yield f"keys.{name}.{own}", replace(budget, key=name)
