"""CacheKeys: which requests are the same question, asked by someone who may share the answer.

A key is a keyed hash, so a reader of the store cannot test guesses of what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

import orjson

# How the answer is delivered, not what it says: a stream and a plain answer share an entry.
DELIVERY: Final = frozenset({"stream", "stream_options"})


class CacheKeys:
    """Makes keys for one policy. `secret` is shared by all replicas; another policy version makes all keys anew."""

    __slots__ = ("_keyed", "_policy_version")

    def __init__(self, secret: bytes, policy_version: str) -> None:
        if not secret:
            raise ValueError("the cache key needs a secret")
        self._policy_version = policy_version
        # BLAKE2 takes keys of at most 64 bytes (RFC 7693, section 2.1); a longer secret is hashed down first.
        key = secret if len(secret) <= 64 else blake2b(secret).digest()
        self._keyed = blake2b(key=key, digest_size=32, person=b"tidegate.exact")

    def key(self, body: Mapping[str, object], *, route: str, scope: str, labels: str) -> str:
        """64 hex digits. Everything in `body` counts but the way of delivery; the order of its fields does not."""
        keyed = self._keyed.copy()
        keyed.update(self.preimage(body, route=route, scope=scope, labels=labels))
        return keyed.hexdigest()

    def preimage(self, body: Mapping[str, object], *, route: str, scope: str, labels: str) -> bytes:
        """What is hashed: one JSON array, so no two different requests can run together into the same bytes."""
        asked = {name: value for name, value in body.items() if name not in DELIVERY}
        return orjson.dumps([self._policy_version, route, scope, labels, asked], option=orjson.OPT_SORT_KEYS)
