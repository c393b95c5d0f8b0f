"""If these fail, whoever steals the database can try keys on it, or sees one."""

from __future__ import annotations

import hashlib

from gateway.access.keyed_hash import KeyedHash, shown
from gateway.access.keys import KEY_CHARACTERS, generate_key


def test_without_the_secret_nobody_comes_to_the_digest() -> None:
    one, other = KeyedHash("a" * 64), KeyedHash("b" * 64)
    assert one.digest(b"tg-key") == KeyedHash("a" * 64).digest(b"tg-key") != other.digest(b"tg-key")
    assert one.digest(b"tg-key") not in (hashlib.sha256(b"tg-key").digest(), one.digest(b"tg-kez"))
    assert len(one.digest(b"")) == 32


def test_a_mark_tells_secrets_apart_and_gives_none_away() -> None:
    one, other = KeyedHash("a" * 64), KeyedHash("b" * 64)
    assert one.mark == KeyedHash("a" * 64).mark != other.mark
    assert one.mark not in one.digest(b"tg-key").hex()
    assert "a" * 9 not in repr(one)


def test_what_is_shown_of_a_key_leaves_enough_to_guess() -> None:
    key = generate_key()
    begun = shown(key).removesuffix("…")
    assert key.startswith(begun)
    assert KEY_CHARACTERS - (len(begun) - len("tg-")) >= 32  # 190 bits
