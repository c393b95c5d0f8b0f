"""Randomness of short strings: does this look drawn by a machine, or written by a hand?"""

from __future__ import annotations

from math import log2

from router.sensitivity.patterns import Pattern

_PLACEHOLDER = Pattern(
    r"(?i)x{6,}|\*{3,}|\.{4,}|0{8,}|1{8,}|(?:example|placeholder|changeme|your[-_ ]?|redacted|dummy|"
    r"sample|insert-|notreal|replace-?me)|<[^>]{0,40}>|\$\{|\{\{|%\("
)
# n log n, for texts as short as most that are asked about.
_TERMS = (0.0, *(count * log2(count) for count in range(1, 261)))
_RUN = 8  # of one character
_SEQUENCES = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop")


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    size = len(text)
    if not size:
        return 0.0
    counts = map(text.count, dict.fromkeys(text))
    if size < len(_TERMS):
        return log2(size) - sum(map(_TERMS.__getitem__, counts)) / size
    return log2(size) - sum(count * log2(count) for count in counts) / size


def is_placeholder(text: str) -> bool:
    """A stand-in that documentation uses where a secret would be."""
    return is_stand_in(text) or entropy(text) < 2.2


def is_stand_in(text: str) -> bool:
    """The same, of what is known to be of many characters."""
    found = _PLACEHOLDER.search(text.encode("ascii", "replace"), 0, len(text))
    # A run of eight has one of every eight characters in it.
    return found is not None or any(_RUN * char in text for char in text[_RUN - 1 :: _RUN])


def looks_random(text: str) -> bool:
    """At least 12 characters, of several kinds, spread as chance would."""
    if len(text) < 12 or is_placeholder(text):
        return False
    return entropy(text) >= min(3.0, log2(len(text)) * 0.8)


def classes(text: str) -> int:
    """How many of: lower case, upper case, digits, others."""
    return (
        (text != text.upper())
        + (text != text.lower())
        + any(map(str.isdigit, text))
        + (text != "" and not text.isalnum())
    )
