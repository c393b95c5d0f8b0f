"""Randomness of short strings: does this look drawn by a machine, or written by a hand?"""

from __future__ import annotations

from collections import Counter
from math import log2

from router.sensitivity.patterns import Pattern

_PLACEHOLDER = Pattern(
    r"(?i)x{6,}|\*{3,}|\.{4,}|0{8,}|1{8,}|(?:example|placeholder|changeme|your[-_ ]?|redacted|dummy|"
    r"sample|insert-|notreal|replace-?me)|<[^>]{0,40}>|\$\{|\{\{|%\("
)
_RUN = 8  # of one character
_SEQUENCES = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop")


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    size = len(text)
    return -sum(count / size * log2(count / size) for count in Counter(text).values()) if size else 0.0


def is_placeholder(text: str) -> bool:
    """A stand-in that documentation uses where a secret would be."""
    return is_stand_in(text) or entropy(text) < 2.2


def is_stand_in(text: str) -> bool:
    """The same, of what is known to be of many characters."""
    found = _PLACEHOLDER.search(text.encode("ascii", "replace"), 0, len(text))
    return found is not None or any(_RUN * char in text for char in set(text))


def looks_random(text: str) -> bool:
    """At least 12 characters, of several kinds, spread as chance would."""
    if len(text) < 12 or is_placeholder(text):
        return False
    return entropy(text) >= min(3.0, log2(len(text)) * 0.8)


def classes(text: str) -> int:
    """How many of: lower case, upper case, digits, others."""
    return (
        any(char.islower() for char in text)
        + any(char.isupper() for char in text)
        + any(char.isdigit() for char in text)
        + any(not char.isalnum() for char in text)
    )
