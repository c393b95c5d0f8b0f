"""Seal: what is written to a disk is encrypted (AES-256-GCM), and bound to the row that it stands in.

The row's id, owner, clearance and end are not secret, but they are authenticated with the content: a content that was
moved to another row, or a row that was given another owner, clearance or end, does not open. Each row has a key of its
own, made from the master key and its id, so that the random nonces of two rows never meet under one key.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

import orjson

SCHEMA = 1
_NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2.1
CONVERSATIONS = b"tidegate.state"
LEARNING = b"tidegate.learn"  # BLAKE2b takes 16 bytes


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on the outside. `expires` is in seconds since the epoch."""

    id: str
    owner: str
    clearance: str
    expires: int

    def to_bytes(self) -> bytes:
        return orjson.dumps([SCHEMA, self.id, self.owner, self.clearance, self.expires])


class Seal:
    """`secret` may be any text but none; what keeps the content secret is how hard it is to guess. Seals of one purpose
    do not open for another, whether their secrets are the same or not.
    """

    def __init__(self, secret: str, purpose: bytes = CONVERSATIONS) -> None:
        if not secret:
            raise ValueError("there is no key to seal with")
        self._purpose = purpose
        self._master = hashlib.blake2b(secret.encode(), digest_size=32, person=purpose).digest()

    def sealed(self, label: Label, content: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._key(label.id)).encrypt(nonce, content, label.to_bytes())

    def opened(self, label: Label, sealed: bytes) -> bytes | None:
        """None for what was sealed with another key, or is not what was sealed under this label."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if len(sealed) <= _NONCE_BYTES:
            return None
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._key(label.id)).decrypt(nonce, content, label.to_bytes())
        except InvalidTag:
            return None

    def _key(self, row: str) -> bytes:
        return hashlib.blake2b(row.encode(), key=self._master, digest_size=32, person=self._purpose).digest()
