"""Keys: what a caller shows, and whom it makes them.

A key is found by its SHA-256 digest. What is compared is a digest that the caller cannot steer, so the time
of the look-up says nothing about how much of a guess was right.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.access.anonymous import anonymous, is_from_here
from gateway.access.principal import Principal
from gateway.config.rulebook import EMPTY as NO_RULES
from gateway.config.rulebook import Rulebook
from gateway.config.settings import Key
from gateway.wire.errors import Unauthenticated

KEY_PREFIX = "tg-"
KEY_CHARACTERS = 40  # of 62 kinds: 238 bits
HASH_PREFIX = "sha256:"

_ALPHABET = string.ascii_letters + string.digits
_HASH = re.compile(r"sha256:[0-9a-f]{64}\Z")
_MISSING = (
    "You didn't provide an API key. Send it in the Authorization header using Bearer auth "
    "(Authorization: Bearer YOUR_KEY)."
)
_WRONG = "Incorrect API key provided. Check the key, or ask the operator of this gateway for one."


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


class Keyring:
    """The keys of one configuration. Raises `ValueError` if one has no key or hash, or a hash of another shape."""

    def __init__(
        self, keys: Sequence[Key], anonymous_routes: Sequence[str] = (), rulebook: Rulebook = NO_RULES
    ) -> None:
        self._principals = {digest_of(key): _principal(key, rulebook) for key in keys}
        self._anonymous = anonymous(anonymous_routes, rulebook)

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
        """Who a bare key belongs to (some dialects have a header of their own for it). Raises `Unauthenticated`."""
        key = key.strip()
        if not key:
            raise Unauthenticated(_MISSING)
        principal = self._principals.get(hashlib.sha256(key).digest())
        if principal is None:
            raise Unauthenticated(_WRONG)
        return principal


def _principal(key: Key, rulebook: Rulebook) -> Principal:
    routes = None if key.routes is None else frozenset(key.routes)
    asker = rulebook.asker(key)
    return Principal(
        key.name,
        key.team,
        routes,
        rulebook.locality(key),
        asker=asker,
        mark=rulebook.mark(asker),
        limits=key.limits,
        team_limits=rulebook.limits_of_team(key.team),
    )
