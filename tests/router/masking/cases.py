"""What the tests of masking share: a scanner that finds what it is told, and bodies with values anywhere in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from router.content import Content, content_of
from router.masking.masker import Masked, mask
from router.sensitivity.finding import Finding, Scan

WORDS = {"Jean Dupont": "PERSON", "Ann": "PERSON", "ann@example.org": "EMAIL", 'p"s\\s\n1': "PASSWORD", "é<ß>&": "TERM"}


def found_in(content: Content, words: Mapping[str, str]) -> tuple[Finding, ...]:
    """Each of `words`, by type, wherever it stands; written as JSON writes it, too."""
    findings = []
    for number, segment in enumerate(content.segments):
        for word, kind in words.items():
            places = re.finditer(re.escape(word), segment.text)
            findings += [Finding(number, match.start(), match.end(), kind, 0.9) for match in places]
    return tuple(findings)


class WordScanner:
    """Finds words."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def scan(self, content: Content) -> Scan:
        return Scan(found_in(content, self._words))


def masked(body: dict[str, Any], words: Mapping[str, str]) -> Masked:
    content = content_of(body)
    return mask(body, content, found_in(content, words))


def chat(*texts: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text} for text in texts], **more}


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    """`text`, cut anywhere."""
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(places)]


cuts = st.lists(st.integers(0, 10_000), max_size=12)
filler = st.text(st.sampled_from(" abc.,\n{}[]\"'\\<>&;u03"), max_size=12)
