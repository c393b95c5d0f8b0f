"""Crypto wallets: addresses with their checksum or a word beside them, and the words that open them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from router.sensitivity.cues import words
from router.sensitivity.detector import Span
from router.sensitivity.patterns import Pattern, compiled
from router.sensitivity.view import View

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BITCOIN = compiled(r"\b(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|tb1)[02-9ac-hj-np-z]{20,70})\b")
_ETHEREUM = compiled(r"\b0x[0-9A-Fa-f]{40}\b")
_WALLET = words(
    "wallet|bitcoin|btc|ethereum|eth|crypto|coins?|deposit|my address|portefeuille|geldborse|brieftasche|billetera|"
    "monedero|send to|sende an|envia a|envoyer a"
)
# BIP 39: 12 to 24 common words, in lower case, behind a word that says what they are.
_SEED_NAME = (
    r"\b(?:seed(?: ?phrase| ?words?)?|mnemonic(?: phrase)?|recovery (?:phrase|words)|secret phrase|backup phrase|"
    r"phrase (?:secrete|de recuperation|mnemonique)|wiederherstellungs(?:phrase|worter)|"
    r"frase (?:semilla|de recuperacion))"
)
_SEED_ANCHOR = Pattern(_SEED_NAME)
_SEED = re.compile(
    rf"{_SEED_NAME}"
    r"[^a-z0-9\n]{0,3}(?:is|are|ist|lautet|est|es)?[^a-z0-9]{1,6}"
    r"(?P<seed>(?:(?:\d{1,2}[.)] ?)?[a-z]{3,8}[ ,\n]{1,3}){11,23}[a-z]{3,8})\b"
)
_REACH = 60  # characters in which a word still says what an address is


class WalletDetector:
    name = "wallets"
    triggers = (
        r"(?i)\b(?:seed|mnemonic|recovery|phrase|backup|wiederherstellungs\w{4,6}|frase)\b",
        r"\b(?:[13][1-9A-HJ-NP-Za-km-z]{9}|bc1[02-9ac-hj-np-z]{6}|0x[0-9A-Fa-f]{9})",
    )

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        if 0 in hits:
            yield from _seeds(view)
        if 1 in hits:
            for match in _BITCOIN.finditer(view.data):
                start, end = match.span()
                view.budget.spend(2)
                if view.text[start] in "bt":
                    yield Span(start, end, "WALLET", 0.8)
                elif _base58check(view.text[start:end]):
                    yield Span(start, end, "WALLET", 0.95)
            for match in _ETHEREUM.finditer(view.data):
                start, end = match.span()
                view.budget.spend()
                cued = _WALLET.search(view.before(start, _REACH)) is not None
                yield Span(start, end, "WALLET", 0.8 if cued else 0.3)


def _seeds(view: View) -> Iterator[Span]:
    data, position, size = view.lower.encode(), 0, len(view.lower)
    while (name := _SEED_ANCHOR.search(data, position, size)) is not None:
        view.budget.spend()
        match = _SEED.match(view.lower, name[0])
        position = name[1] if match is None else match.end()
        if match is not None:
            yield Span(*match.span("seed"), "SECRET", 0.9)


def _base58check(text: str) -> bool:
    """The last four bytes are those of a doubled SHA-256 of the others."""
    number = 0
    for char in text:
        number = number * 58 + _BASE58.index(char)
    if number >= 1 << 200:
        return False
    data = number.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] == data[21:]


WALLETS = WalletDetector()
