"""Placeholders: `<PERSON_1>`, how they are written, and how models write them back.

A variant of a value (other case, other blanks) shares its number and has a letter of its own, `<PERSON_1b>`: a model
sees that the two belong together, and each is restored as it was written. Read back are also another case, and angle
brackets that were escaped for JSON (`\\u003c`, once or several times over) or for HTML (`&lt;`), and low lines that
were for Markdown (`\\_`). All is bounded, and so is what has to be held back of a stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

LONGEST_TYPE = 64  # characters
_NAME = rf"[A-Za-z](?:[A-Za-z0-9]|\\?_){{0,{LONGEST_TYPE}}}\\?_[0-9]{{1,7}}[A-Za-z]?"
_IN_NAME = rf"(?:[A-Za-z0-9_]|\\(?=_|\Z)){{0,{LONGEST_TYPE + 20}}}"
PLACEHOLDER = re.compile(rf"<({_NAME})>|&lt;({_NAME})&gt;|(\\{{1,8}})u003[cC]({_NAME})\3u003[eE]")
_BEGUN = re.compile(
    rf"(?:<({_IN_NAME})"
    rf"|&(?:l(?:t(?:;({_IN_NAME})(?:&(?:gt?)?)?)?)?)?"
    rf"|\\{{1,64}}(?:u(?:0(?:0(?:3(?:[cC]({_IN_NAME})(?:\\{{1,8}}(?:u(?:0(?:03?)?)?)?)?)?)?)?)?)?)\Z"
)
_LONGEST = LONGEST_TYPE + 160  # characters of a placeholder, whatever it is written with, and backslashes before it
_NO_WORD = re.compile(r"[^A-Z0-9]+")
OPENERS = ("<", "&", "\\")


def word_of(entity_type: str) -> str:
    """The type as it stands in a placeholder: capitals, digits and low lines, beginning with a letter."""
    word = _NO_WORD.sub("_", entity_type.upper()).strip("_")[:LONGEST_TYPE]
    return word if word[:1].isalpha() else f"X_{word}".rstrip("_")


def name_of(match: re.Match[str]) -> str:
    """The name in what `PLACEHOLDER` matched, in capitals."""
    return _name(match[1] or match[2] or match[4])


def cut(text: str, values: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """The text between placeholders of `values` (by name, in capitals), each with the value behind it, None behind the
    last. What is no placeholder of these is text.
    """
    position = 0
    for match in PLACEHOLDER.finditer(text):
        value = values.get(name_of(match))
        if value is not None and (match[3] is None or _is_escape(text, match.start(), len(match[3]))):
            yield text[position : match.start()], value
            position = match.end()
    yield text[position:], None


def _name(text: str) -> str:
    return text.replace("\\", "").upper()


def _is_escape(text: str, start: int, count: int) -> bool:
    """Whether so many backslashes are the last of a run that leaves whole pairs before them."""
    window = text[max(0, start - 64) : start]
    before = len(window) - len(window.rstrip("\\"))
    return before % (2 * count) == 0


def begun_at(text: str, names: Iterable[str]) -> int:
    """Where a placeholder with one of `names` begins that the text may break off in; the length where there is none."""
    end = len(text)
    start = max(0, end - _LONGEST)
    while (match := _BEGUN.search(text, start)) is not None:
        begun = _name(match[1] or match[2] or match[3] or "")
        if not begun or any(name.startswith(begun) for name in names):
            return match.start()
        start = match.start() + 1
    return end
