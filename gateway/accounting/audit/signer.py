"""Signer: the key that anchors are signed with, so that whoever can write to the database cannot write anchors.

Ed25519: what is needed to check a signature does not allow to make one. Imported where something is signed or checked.
"""

from __future__ import annotations

import hashlib
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Signer:
    """`public` is the key's public half, in hexadecimal: what the signatures are checked with."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw().hex()

    @classmethod
    def of(cls, secret: str) -> Self:
        """The same key for the same secret, whatever that looks like."""
        seed = hashlib.sha256(b"tidegate audit key " + secret.encode()).digest()
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, text: str) -> str:
        """The signature, in hexadecimal."""
        return self._key.sign(text.encode()).hex()


def is_signed(text: str, signature: str, public: str) -> bool:
    """Whether the holder of the secret half of `public` signed the text."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
