"""Escapes: line ends and tabs as JSON and source code write them, `\\n` and `\\t`, read as what they stand for.

A tool's arguments are JSON in a string, and what tools answer often is. There the letter of an escape stands right
before the next word, and an IBAN or a key at the start of a line looks like part of a longer one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

# More than one backslash: JSON in JSON. Taken from the first of them or not at all: a long run takes no longer.
_LINE_END: Final = " \n"
_ESCAPE: Final = re.compile(r"(?<!\\)\\++[nrt]")


def without_escapes(texts: Sequence[str]) -> list[str]:
    """The texts, each as long as it was, so that offsets hold."""
    return [_without(text) if "\\" in text else text for text in texts]


def _without(text: str) -> str:
    if "\\\\" in text:
        return _ESCAPE.sub(_line_end, text)
    return text.replace("\\n", _LINE_END).replace("\\r", _LINE_END).replace("\\t", _LINE_END)


def _line_end(match: re.Match[str]) -> str:
    return _LINE_END + " " * (len(match.group()) - 2)
