"""Private keys in their armour: PEM, OpenSSH, PGP, PuTTY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Span
from router.sensitivity.entropy import looks_random
from router.sensitivity.patterns import compiled
from router.sensitivity.view import View

_KINDS = "(?:PRIVATE KEY|SEED|SECRET KEY|STATIC KEY(?: V1)?)"
_WORDS = "(?:[A-Z0-9]{1,12} ){0,4}"
_PEM_BEGIN = compiled(
    rf"(?i)-{{2,5}} ?BEGIN {_WORDS}{_KINDS}(?: BLOCK)? ?-{{2,5}}|"
    r"PuTTY-User-Key-File-\d"
)
_PEM_END = compiled(rf"(?i)-{{2,5}} ?END {_WORDS}{_KINDS}(?: BLOCK)? ?-{{2,5}}")
_PEM_MAX = 16_384  # characters; an RSA key of 16,384 bits has 12,700


class PrivateKeyDetector:
    """A private key block whole, from its first line to its last; without a last line, as far as it may reach."""

    name = "private_keys"
    triggers = (rf"(?i)BEGIN {_WORDS}{_KINDS}|PuTTY-User-Key-File-\d",)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        position, size = 0, len(view.data)
        end = _PEM_END.search(view.data)
        while (begin := _PEM_BEGIN.search(view.data, position)) is not None:
            view.budget.spend(16)
            while end is not None and end.start() < begin.end():
                view.budget.spend(4)
                end = _PEM_END.search(view.data, end.end())
            limit = min(size, begin.end() + _PEM_MAX)
            if end is not None and end.end() <= limit:
                position = end.end()
                holds_key = end.start() - begin.end() > 8
            else:
                position = _last_key_line(view.text, begin.end(), limit)
                while view.text[position - 1].isspace():
                    position -= 1
                holds_key = looks_random(view.text[begin.end() : position].strip()[:90].replace("\n", ""))
            if holds_key:
                yield Span(begin.start(), position, "PRIVATE_KEY", 0.98)
            position = max(position, begin.end())


def _last_key_line(text: str, start: int, limit: int) -> int:
    """The end of the last line of base64 that follows. What a log or a comment put before it is passed over."""
    position = start
    for line in text[start:limit].split("\n"):
        stripped = line.strip(" \t\r\\n\"'+,;>#*/")
        word = stripped.rpartition(" ")[2]
        if " " in stripped and ":" not in stripped and not (len(word) >= 40 and looks_random(word)):
            break
        position += len(line) + 1
    return min(max(position - 1, start), limit)


PRIVATE_KEYS = PrivateKeyDetector()
