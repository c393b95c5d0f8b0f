"""If these fail, whoever can write to the database can write anchors too."""

from __future__ import annotations

import pytest

from gateway.accounting.audit.signer import Signer, is_signed


def test_the_same_secret_is_the_same_key_and_another_is_another() -> None:
    assert Signer.of("one").public == Signer.of("one").public != Signer.of("two").public


def test_only_what_was_signed_by_the_key_is_signed() -> None:
    signer = Signer.of("one")
    signature = signer.sign("text")
    assert is_signed("text", signature, signer.public)
    assert not is_signed("text.", signature, signer.public)
    assert not is_signed("text", signature, Signer.of("two").public)


@pytest.mark.parametrize(
    ("signature", "public"), [("", "00" * 32), ("zz", "00" * 32), ("00" * 64, "no key"), ("00" * 64, "")]
)
def test_what_is_no_signature_or_no_key_signs_nothing(signature: str, public: str) -> None:
    assert not is_signed("text", signature, public)
