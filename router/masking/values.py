"""Values: what the placeholders of one request stand for, and which of them are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_NUMBER = re.compile(r"_([0-9]+)")
_LETTERS = "bcdefghijklmnopqrstuvwxyz"  # of variants; the first has none
_WORDLIKE = 8  # characters


class Known(NamedTuple):
    """A value as it was written, and the word for its type."""

    text: str
    type: str


class Values:
    """Hands out placeholders. `text` is all that the client wrote: a number that stands there as in a placeholder, of
    whatever type and however written, is not used a second time.
    """

    def __init__(self, text: str) -> None:
        self._taken = frozenset(_NUMBER.findall(text))
        self._stems: dict[str, tuple[str, int]] = {}  # by value as compared: PERSON_1, and how many variants
        self._placeholders: dict[str, str] = {}  # by value as written
        self._last: dict[str, int] = {}
        self.known: list[Known] = []
        self.by_name: dict[str, str] = {}
        self.types: dict[str, int] = {}

    def placeholder(self, value: str, word: str) -> str:
        """The placeholder of a value of type `word`: always the same, whatever type it is found as later."""
        found = self._placeholders.get(value)
        if found is None:
            compared = " ".join(value.split()).casefold()
            stem, variants = self._stems.get(compared, ("", 0))
            if not stem or variants > len(_LETTERS):
                stem, variants = self._new_stem(word), 0
                self.types[word] = self.types.get(word, 0) + 1
            name = stem + (_LETTERS[variants - 1] if variants else "")
            self._stems[compared] = stem, variants + 1
            found = self._placeholders[value] = f"<{name}>"
            self.by_name[name.upper()] = value
            self.known.append(Known(value, word))
        return found

    def _new_stem(self, word: str) -> str:
        number = self._last.get(word, 0) + 1
        while str(number) in self._taken:
            number += 1
        self._last[word] = number
        return f"{word}_{number}"


class Searched:
    """A text in which values are looked for."""

    __slots__ = ("_lower", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        lower = text.lower()
        if len(lower) != len(text):  # some letters become two
            lower = "".join([small if len(small := sign.lower()) == 1 else sign for sign in text])
        self._lower = lower

    def occurrences(self, value: str) -> Iterator[tuple[int, int]]:
        """Where a value stands. One that is short or a single word is looked for as it is written, and not inside of
        words: `Will` is a name, `will` is none.
        """
        is_word = len(value) < _WORDLIKE or value.isalpha()
        text, value = (self._text, value) if is_word else (self._lower, value.lower())
        start = text.find(value)
        while start >= 0:
            end = start + len(value)
            if is_word and _in_word(text, start, end):
                start = text.find(value, start + 1)
            else:
                yield start, end
                start = text.find(value, end)


def _in_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return (before.isalnum() and text[start].isalnum()) or (after.isalnum() and text[end - 1].isalnum())
