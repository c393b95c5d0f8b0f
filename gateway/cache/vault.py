"""Vault: sensitive answers are kept encrypted (AES-256-GCM), each bound to the key of its own question.

    the secret's mark (4 bytes) · nonce (12) · content and tag

The mark says which of several secrets opens it, and tells nothing else about it: after a rotation the newest one seals,
and the former ones still open what they sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from gateway.stores.seal import Label, Seal

_PURPOSE: Final = b"tidegate.cache"
_MARK_PURPOSE: Final = b"tidegate.cachemk"
_MARK_BYTES: Final = 4


class Vault:
    """The first of `secrets` seals, all of them open. Raises `ValueError` without any."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._seals = {_mark(secret): Seal(secret, _PURPOSE) for secret in secrets}
        if not self._seals:
            raise ValueError("there is no key to seal with")
        self._current, self._seal = next(iter(self._seals.items()))
        self.opened("", self.sealed("", b"."))  # loads the library before the first request needs it

    def sealed(self, key: str, content: bytes) -> bytes:
        """`key`: of the question, from `CacheKeys`."""
        return self._current + self._seal.sealed(_label(key), content)

    def opened(self, key: str, sealed: bytes) -> bytes | None:
        """None for what was not sealed under this key by one of the secrets."""
        seal = self._seals.get(sealed[:_MARK_BYTES])
        return None if seal is None else seal.opened(_label(key), sealed[_MARK_BYTES:])


def _label(key: str) -> Label:
    return Label(id=key, owner="", clearance="", expires=0)


def _mark(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=_MARK_BYTES, person=_MARK_PURPOSE).digest()
