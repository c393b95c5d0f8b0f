"""If these fail, sensitive answers can be read where they are kept, or are given to another question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.vault import Vault

ONE, TWO = "a-secret-of-32-characters-or-more", "another-secret-of-32-characters-o"


@given(key=st.text("0123456789abcdef", max_size=64), content=st.binary(min_size=1))
def test_what_was_sealed_is_opened_under_its_own_key_only(key: str, content: bytes) -> None:
    vault = Vault([ONE])
    sealed = vault.sealed(key, content)
    assert Vault([ONE]).opened(key, sealed) == content
    assert vault.opened(key + "0", sealed) is None
    assert Vault([TWO]).opened(key, sealed) is None


@given(st.binary(max_size=80))
def test_garbage_opens_as_nothing(sealed: bytes) -> None:
    assert Vault([ONE]).opened("k", sealed) is None


def test_any_changed_byte_is_noticed() -> None:
    vault = Vault([ONE])
    sealed = vault.sealed("k", b"content")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert vault.opened("k", bytes(changed)) is None
    assert vault.opened("k", sealed[:-1]) is None


def test_the_same_twice_does_not_look_the_same() -> None:
    vault = Vault([ONE])
    assert vault.sealed("k", b"content") != vault.sealed("k", b"content")


def test_the_first_secret_seals_and_all_open() -> None:
    before = Vault([ONE]).sealed("k", b"content")
    rotated = Vault([TWO, ONE])
    assert rotated.opened("k", before) == b"content"
    assert Vault([ONE]).opened("k", rotated.sealed("k", b"content")) is None
    assert Vault([TWO]).opened("k", rotated.sealed("k", b"content")) == b"content"


def test_without_a_secret_there_is_none() -> None:
    with pytest.raises(ValueError, match="no key"):
        Vault([])
