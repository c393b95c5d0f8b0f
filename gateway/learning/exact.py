"""Exact: is an answer right, where the right one is known? Numbers by value, letters of a choice, and short texts."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Final

_NUMBER: Final = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")
_BOXED: Final = re.compile(r"\\boxed\{([^{}]*)\}")
_SAID: Final = re.compile(r"\banswer\b\W{0,12}?(?:is\b|:|=)\W{0,6}(.{1,200})", re.IGNORECASE)
_LETTER: Final = re.compile(r"[A-J]")
_CHOSEN: Final = re.compile(r"\(?\b([A-J])\b(?:[).:,]|$)")
_ALONE: Final = re.compile(r"\W*\(?([A-J])\)?[.:)]?(?:\s.*)?", re.DOTALL)
_EDGES: Final = " \t\n.,;:!?\"'`*_()[]{}$"
_MOST_DIGITS: Final = 60


def is_right(said: str, wanted: str) -> bool:
    """Whether the answer `said` comes to `wanted`.

    What it comes to: what stands in a box, after `the answer is`, in the last line, or the last number; and all of it.
    """
    wanted = wanted.strip()
    if (number := _number(wanted)) is not None:
        return _last_number(said) == number
    if _LETTER.fullmatch(wanted):
        return _choice(said) == wanted
    return _plain(wanted) in {_plain(text) for text in (said, *_endings(said))}


def _endings(said: str) -> list[str]:
    """The last of each kind."""
    found = [boxed[-1]] if (boxed := _BOXED.findall(said)) else []
    found += [after[-1].partition("\n")[0]] if (after := _SAID.findall(said)) else []
    lines = [line for line in said.splitlines() if line.strip()]
    return [*found, *lines[-1:]]


def _last_number(said: str) -> Decimal | None:
    boxed = _BOXED.findall(said)
    for text in (boxed[-1], said) if boxed else (said,):
        if found := _NUMBER.findall(text):
            return _number(found[-1])
    return None


def _number(text: str) -> Decimal | None:
    text = text.strip(" $€£%").replace(",", "")
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _choice(said: str) -> str | None:
    """The letter that was chosen."""
    for text in reversed(_endings(said)):
        if (alone := _ALONE.fullmatch(text.strip())) and len(text.strip(_EDGES)) == 1:
            return alone[1]
    for ending in (*_SAID.findall(said)[-1:], *_BOXED.findall(said)[-1:], said.strip()[:8]):
        if chosen := _CHOSEN.match(ending.strip(" *_\"'")):
            return chosen[1]
    return None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().strip(_EDGES).split())
