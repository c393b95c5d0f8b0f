"""Random tokens: long strings that nobody typed and no word led to, and lines of a key whose header was cut off.

Git hashes, checksums and UUIDs have one case only and are left alone: they are names, not keys. So are ids, digests
and cursors that say what they are (`identifiers.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Shape, Span
from router.sensitivity.detectors.identifiers import LOOK_BACK, is_identifier
from router.sensitivity.entropy import entropy, is_stand_in
from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

_TOKEN = Pattern(r"[A-Za-z0-9][A-Za-z0-9_~.+/%-]{22,}={0,2}", 1 << 20)  # with less, it starts again and again
_TOKEN_STEPS = 16  # of the budget
_MIN, _MAX = 24, 260  # characters; what is longer is data: an image, a font, a model
_NUMBERS = 3  # in a token, at least
_NUMBER = re.compile(r"\d+")
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_HEX = re.compile(r"(?:[a-z]{2,5}_)?[0-9A-Fa-f_-]+\Z")
_HARMLESS_BEFORE = re.compile(
    r"sha-?(?:1|256|384|512)|integrity|checksum|commit|digest|etag|hash|fingerprint|base64,|public|ssh-rsa|ssh-ed25519|"
    r"certificate|signature|authenticity|csrf|xsrf|://|data:|src=|href=|cite_?ref|doi"
)
_LOOK_BACK = 40  # characters
# Three lines of 64 characters of base64, the width of RFC 7468, whatever a log wrote before them.
_KEY_LINES = Pattern(
    r"(?:[A-Za-z0-9+/]{64}[\"'`\\n+,; ]{0,10}\n[^\nA-Za-z0-9]{0,12}(?:#\d{1,3} [0-9.]{1,9} )?[^\nA-Za-z0-9+/]{0,12}){2}"
    r"[A-Za-z0-9+/]{64}\b"
)
_KEY_LINE = 48  # characters of a line that are one token at least: the first few may be signs
_KEY_LINES_LEAST = 3
_PUBLIC_BLOCK = re.compile(r"BEGIN (?:CERTIFICATE|(?:[A-Z]{2,8} )?PUBLIC KEY|PGP (?:MESSAGE|SIGNATURE|PUBLIC)|X509)")
_PUBLIC = re.compile(rf"-----{_PUBLIC_BLOCK.pattern}-----[A-Za-z0-9+/=\s\\]*-----END ")


class RandomTokenDetector:
    name = "random_tokens"
    # Upper, lower and digit side by side: chance does it within a few characters, words and hashes never.
    triggers = (Shape(r"[A-Z][a-z]\d|[A-Z]\d[a-z]|[a-z][A-Z]\d|[a-z]\d[A-Z]|\d[A-Z][a-z]|\d[a-z][A-Z]"),)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        data, end, size, lines_of_key = view.data, 0, len(view.data), 0
        public = [block.span() for block in _PUBLIC.finditer(view.text)][::-1] if "-----BEGIN" in view.text else []
        while (match := _TOKEN.search(data, end, size)) is not None:
            start, end, _, _ = match
            lines_of_key += end - start >= _KEY_LINE
            view.budget.spend(_TOKEN_STEPS)
            while public and public[-1][1] <= start:
                public.pop()
            if public and public[-1][0] <= start:
                continue
            if end - start <= _MAX and _drawn(token := view.text[start:end]) and not _harmless(view, start, token):
                yield Span(start, end, "SECRET", 0.6)
        if lines_of_key >= _KEY_LINES_LEAST and _PUBLIC_BLOCK.search(view.text) is None:
            lines = _KEY_LINES.search(data, 0, size)
            if lines is not None:
                yield Span(lines[0], lines[1], "PRIVATE_KEY", 0.7)


def _harmless(view: View, start: int, token: str) -> bool:
    """A checksum says so, an address shows where it leads, an id its name."""
    line = view.lower.rfind("\n", 0, start) + 1
    if _HARMLESS_BEFORE.search(view.lower, max(line, start - _LOOK_BACK), start + 8) is not None:
        return True
    return is_identifier(token, view.before(start, LOOK_BACK))


def _drawn(token: str) -> bool:
    """Drawn by a machine: three kinds of characters, mixed as no identifier mixes them."""
    if len(token) < _MIN or "//" in token or token.count(".") > 2 or token.count("/") > 3:
        return False
    if token == token.lower() or token == token.upper() or _HEX.match(token) is not None:
        return False
    if len(_NUMBER.findall(token)) < _NUMBERS:
        return False
    # Words have four letters and more to a piece; chance changes its kind every other character.
    pieces = _PIECE.findall(token)
    if len(token) / len(pieces) > 2.8 or max(map(len, pieces)) > 7:
        return False
    return entropy(token) >= 3.6 and not is_stand_in(token)


RANDOM_TOKENS = RandomTokenDetector()
