"""Keyed hash: what is kept of a key that was made at run time. Whoever steals the database without the secret cannot
even try guesses on it.
"""

from __future__ import annotations

import hmac
from typing import Final

_MARK: Final = b"tidegate: which secret is this?"
_MARK_DIGITS: Final = 8  # tells secrets apart, and is of no use for anything else
SHOWN_CHARACTERS: Final = 8  # of a key, its `tg-` included: enough to recognise one, and 208 bits are left to guess


class KeyedHash:
    """HMAC-SHA256 with the secret of `access.secret`. `mark` tells hashes of one secret from those of another."""

    __slots__ = ("_secret", "mark")

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self.mark = hmac.digest(self._secret, _MARK, "sha256").hex()[:_MARK_DIGITS]

    def digest(self, key: bytes) -> bytes:
        """32 bytes that a key is found by."""
        return hmac.digest(self._secret, key, "sha256")


def shown(key: str) -> str:
    """How a key is recognised in lists and events."""
    return key[:SHOWN_CHARACTERS] + "…"
