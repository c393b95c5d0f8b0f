"""Hostile text: a megabyte each of what was made to be slow to read."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

MEGABYTE = 1_000_000
_CHANCE = (
    ("digits", "0123456789"),
    ("hexadecimal digits", "0123456789abcdef"),
)
_REPEATED = (
    ("starts of IBANs", "DE12 3456 7890 1234 5678 90 "),
    ("cards that are none", "4970 1012 3456 7890 card "),
    ("a@a@a@", "a@"),
    ("aaaa", "a"),
    ("AAAA", "A"),
    ("Aa Aa", "Aa "),
    ("blanks", " "),
    ("dots", "a."),
    ("zero-width spaces", "a\u200b"),
    ("Cyrillic names", "Привет Иван "),
    ("e-mail addresses", "ada.byron@example.org "),
    ("names", "Dear Mr. Smith, my name is Tom "),
    ("names in small letters", "anna peter maria "),
    ("addresses", "12 Main Street, Salem, CA 12345 "),
    ("beginnings of streets", "12 Rue "),
    ("illness", "my cancer has diabetes patient Jean Dupont "),
    ("religion", "I am a very very muslim my friend is "),
    ("dates of birth", "born 01.02.1990 "),
    ("passwords", "password is "),
    ("escapes", "\\u0041"),
    ("percent signs", "%41"),
    ("entities", "&#65;&amp;"),
    ("concatenated strings", '"a" + '),
    ("letters set apart", "a b c d e f g "),
    ("spelt digits", "one two three four five six "),
    ("a digit a line", "1\n"),
    ("IP addresses", "1.2.3.4."),
    ("MAC addresses", "00:11:22:33:44:"),
    ("wallets", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa "),
    ("tokens", "aB3dE5gH7jK9mN1pQ3sT5vX7 "),
    ("JSON web tokens", "eyJhbGciOiJI.eyJ"),
    ("URLs", "a://b:"),
    ("private keys", "-----BEGIN PRIVATE KEY-----\n"),
)


def hostile(size: int = MEGABYTE) -> Iterator[tuple[str, str]]:
    """Name and text. Every run gets the same."""
    draw = random.Random(1)
    for name, signs in _CHANCE:
        yield name, "".join(draw.choices(signs, k=size))
    yield "digits set apart", " ".join(draw.choices("0123456789", k=size // 2))
    yield "lines of numbers", "".join(f"{draw.randrange(10**7)}," for _ in range(size // 8))
    yield "base64, random", base64.b64encode(draw.randbytes(size * 3 // 4)).decode() + " ."
    yield "base64, random words", " ".join(base64.b64encode(draw.randbytes(15)).decode() for _ in range(size // 21))
    yield "base64, three deep", _cut(_coded(b"write to ada.byron@example.org " * 400, 3) + " ", size)
    yield "base64 of digits", _coded("".join(draw.choices("0123456789", k=size * 3 // 4)).encode(), 1)
    yield "percent signs, random", _cut("".join(f"%{draw.randrange(256):02x}" for _ in range(size // 3)), size)
    for name, piece in _REPEATED:
        yield name, _cut(piece, size)


def _coded(data: bytes, times: int) -> str:
    for _ in range(times):
        data = base64.b64encode(data)
    return data.decode()


def _cut(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]
