"""What holds somebody's coins, and the words that open it."""

from __future__ import annotations

import hashlib

import pytest

from router.sensitivity.detectors.wallets import WALLETS
from router.sensitivity.view import view_of

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SEED = "abandon ability able about above absent absorb abstract absurd abuse access accident"


def address(payload: bytes) -> str:
    """Base58Check of a made-up hash."""
    data = b"\0" + payload
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" + text


def wallets(text: str) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.type) for s in WALLETS.find(view_of(text), [0, 1]) if s.confidence >= 0.5]


def test_bitcoin_address_needs_its_checksum() -> None:
    good = address(bytes(range(50, 70)))
    assert wallets(f"pay {good} please") == [(good, "WALLET")]
    assert wallets(f"pay {good[:-1]}{'A' if good[-1] != 'A' else 'B'} please") == []


def test_ethereum_address_needs_a_word() -> None:
    good = "0x" + "9fA3" * 10
    assert wallets(f"my wallet is {good}") == [(good, "WALLET")]
    assert wallets(f"the contract {good} reverts") == []


@pytest.mark.parametrize("lead", ["my seed phrase is: ", "Recovery phrase: ", "Wiederherstellungsphrase: "])
def test_seed_words(lead: str) -> None:
    assert wallets(lead + SEED) == [(SEED, "SECRET")]


def test_talk_about_seeds_is_none() -> None:
    assert wallets("what is a seed phrase and why do I need it? is it safe to write one down?") == []
