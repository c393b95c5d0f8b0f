"""Registry: makes and changes keys and teams, by the rules. What is asked for is checked as the configuration is; a key
is made here, handed out once, and kept nowhere.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from gateway.access.changes import Change, Hand
from gateway.access.keyed_hash import KeyedHash, shown
from gateway.access.keys import generate_key
from gateway.access.store import AccessStore
from gateway.access.stored import StoredKey, StoredSecret, StoredTeam
from gateway.access.terms import KeyTerms, TeamTerms, written
from gateway.config.checks.stored import problems_of_key, problems_of_team
from gateway.config.problems import Problem
from gateway.config.settings import Settings
from gateway.wire.errors import BadRequest, Conflict, NotFound

Revision = tuple[KeyTerms, float | None]
"""What becomes of a key: its terms, and when it ends."""
DEFAULT_OVERLAP: Final = 86_400.0  # seconds; a day to put a new key everywhere
MOST_OVERLAP: Final = 31_536_000.0  # seconds; a year
LAST_MOMENT: Final = 253_402_300_799.0  # the end of the year 9999; what programs cannot write down is no date
_SHOWN: Final = 64  # characters of an unknown name
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """`secret` is the key itself: shown this once, and not where this is printed."""

    secret: str = field(repr=False)
    key: StoredKey


class Registry:
    """Works on one store, against the settings in force. Every method raises `BadRequest` (`NotFound`, `Conflict`) for
    what cannot be, and what the store raises."""

    def __init__(self, store: AccessStore, settings: Settings, keyed_hash: KeyedHash) -> None:
        self._store = store
        self._settings = settings
        self._hash = keyed_hash

    def new_key(self, name: str, terms: KeyTerms, expires_at: float | None, hand: Hand) -> Made:
        if any(key.name == name for key in self._settings.keys):
            raise Conflict(f"The configuration has a key '{name}'.", param="name")
        _refuse(problems_of_key(terms.as_key(name), terms.owner, terms.budgets, self._settings))
        _in_future(expires_at, hand)
        key, secret = self._secret(hand)
        with self._store.changing(hand) as change:
            if change.has_key(name):
                raise Conflict(f"There is a key '{name}' already, or was: names are not given twice.", param="name")
            change.make_key(name, terms, secret, expires_at)
        _log.info("%s made the key %s", hand.actor, name)
        return Made(key, StoredKey(name, terms, hand.at, hand.actor, expires_at, None, (secret,)))

    def change_key(self, name: str, revise: Callable[[StoredKey], Revision], hand: Hand) -> StoredKey:
        """Its terms and its end are from now on what `revise` makes of it."""
        with self._store.changing(hand) as change:
            before = self._living(name)
            terms, expires_at = revise(before)
            _refuse(problems_of_key(terms.as_key(name), terms.owner, terms.budgets, self._settings))
            said = _differences(before.terms, terms)
            if expires_at != before.expires_at:
                _in_future(expires_at, hand)
                said["expires_at"] = expires_at
            if said:
                change.change_key(name, terms, expires_at, said)
        _log.info("%s changed the key %s: %s", hand.actor, name, ", ".join(said) or "nothing")
        return before._replace(terms=terms, expires_at=expires_at)

    def rotate_key(self, name: str, overlap: float, hand: Hand) -> Made:
        """A new key for the same name; the one before is good for `overlap` seconds more."""
        if overlap > MOST_OVERLAP:
            raise BadRequest("A year is the longest overlap. To keep both, make two keys.", param="overlap_seconds")
        key, secret = self._secret(hand)
        with self._store.changing(hand) as change:
            self._living(name)
            change.rotate_key(name, secret, hand.at + overlap)
        _log.info("%s rotated the key %s; the one before is good for %.0f s more", hand.actor, name, overlap)
        return Made(key, self._found(name))

    def revoke_key(self, name: str, hand: Hand) -> StoredKey:
        """It opens nothing any more, and never will. Twice is harmless."""
        with self._store.changing(hand) as change:
            before = self._found(name)
            if before.revoked_at is not None:
                return before
            change.revoke_key(name)
        _log.info("%s revoked the key %s", hand.actor, name)
        return before._replace(revoked_at=hand.at, secrets=())

    def new_team(self, name: str, terms: TeamTerms, hand: Hand) -> StoredTeam:
        if name in self._settings.teams:
            raise Conflict(f"The configuration has a team '{name}'.", param="name")
        _refuse(problems_of_team(name, terms.as_team(), terms.budgets, self._settings))
        with self._store.changing(hand) as change:
            if change.has_team(name):
                raise Conflict(f"There is a team '{name}' already.", param="name")
            change.make_team(name, terms)
        _log.info("%s made the team %s", hand.actor, name)
        return StoredTeam(name, terms, hand.at, hand.actor)

    def change_team(self, name: str, revise: Callable[[StoredTeam], TeamTerms], hand: Hand) -> StoredTeam:
        with self._store.changing(hand) as change:
            before = self._team(name)
            terms = revise(before)
            _refuse(problems_of_team(name, terms.as_team(), terms.budgets, self._settings))
            said = _differences(before.terms, terms)
            if said:
                change.change_team(name, terms, said)
        _log.info("%s changed the team %s: %s", hand.actor, name, ", ".join(said) or "nothing")
        return before._replace(terms=terms)

    def remove_team(self, name: str, hand: Hand) -> None:
        """Refused while it has keys: they would be bound by less than before."""
        configured = sum(key.team == name for key in self._settings.keys)
        with self._store.changing(hand) as change:
            self._team(name)
            self._refuse_members(name, change, configured)
            change.remove_team(name)
        _log.info("%s removed the team %s", hand.actor, name)

    def record_purge(self, names: Sequence[str], hand: Hand) -> None:
        """That answers are purged from the cache."""
        with self._store.changing(hand) as change:
            for name in names:
                change.purge_cache(name)
        _log.info("%s purged the cache: %s", hand.actor, ", ".join(names))

    @staticmethod
    def _refuse_members(name: str, change: Change, configured: int) -> None:
        members = change.members(name) + configured
        if members:
            count = "a key belongs" if members == 1 else f"{members} keys belong"
            raise Conflict(f"{count.capitalize()} to the team '{name}': give them another, or revoke them first.")

    def _secret(self, hand: Hand) -> tuple[str, StoredSecret]:
        key = generate_key()
        digest = self._hash.digest(key.encode())
        return key, StoredSecret(digest, shown(key), self._hash.mark, hand.at, None)

    def _found(self, name: str) -> StoredKey:
        stored = self._store.key(name)
        if stored is None and any(key.name == name for key in self._settings.keys):
            raise Conflict(f"The key '{name}' stands in the configuration: change it there.")
        return found(stored, name)

    def _living(self, name: str) -> StoredKey:
        stored = self._found(name)
        if stored.revoked_at is not None:
            raise Conflict(f"The key '{name}' is revoked: make another.")
        return stored

    def _team(self, name: str) -> StoredTeam:
        stored = self._store.team(name)
        if stored is None and name in self._settings.teams:
            raise Conflict(f"The team '{name}' stands in the configuration: change it there.")
        return found_team(stored, name)


def found(key: StoredKey | None, name: str) -> StoredKey:
    """Raises `NotFound`."""
    if key is None:
        raise NotFound(f"There is no stored key '{name[:_SHOWN]}'.", code="key_not_found")
    return key


def found_team(team: StoredTeam | None, name: str) -> StoredTeam:
    """Raises `NotFound`."""
    if team is None:
        raise NotFound(f"There is no stored team '{name[:_SHOWN]}'.", code="team_not_found")
    return team


def _in_future(expires_at: float | None, hand: Hand) -> None:
    if expires_at is not None and expires_at <= hand.at:
        raise BadRequest("`expires_at` is in the past. To end a key now, revoke it.", param="expires_at")
    if expires_at is not None and expires_at > LAST_MOMENT:
        raise BadRequest("`expires_at` is no time of this calendar. Leave it out for never.", param="expires_at")


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        first = problems[0]
        said = f"`{first.path}` {first.message}" if first.path else first.message
        raise BadRequest(f"{said}; {first.remedy}." if first.remedy else f"{said}.", param=first.path or None)


def _differences(before: KeyTerms | TeamTerms, after: KeyTerms | TeamTerms) -> dict[str, object]:
    """What is new, by name; in words that JSON has."""
    said: dict[str, object] = orjson.loads(written(after))
    return {name: value for name, value in said.items() if getattr(before, name) != getattr(after, name)}
