"""Randomness of short strings: does this look drawn by a machine, or written by a hand?"""

from __future__ import annotations

import re
from collections import Counter
from math import log2

_PLACEHOLDER = re.compile(
    r"x{6,}|X{6,}|\*{3,}|\.{4,}|0{8,}|1{8,}|(?:example|placeholder|changeme|your[-_ ]?|redacted|dummy|"
    r"sample|insert-|notreal|replace-?me)|<[^>]{0,40}>|\$\{|\{\{|%\(",
    re.IGNORECASE,
)
_RUNS = re.compile(r"(.)\1{7,}")
_SEQUENCES = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop")


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    size = len(text)
    return -sum(count / size * log2(count / size) for count in Counter(text).values()) if size else 0.0


def is_placeholder(text: str) -> bool:
    """A stand-in that documentation uses where a secret would be."""
    return _PLACEHOLDER.search(text) is not None or _RUNS.search(text) is not None or entropy(text) < 2.2


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
