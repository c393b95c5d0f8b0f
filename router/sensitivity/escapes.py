"""Escapes: line ends and tabs as JSON and source code write them, `\\n` and `\\t`, read as what they stand for.

A tool's arguments are JSON in a string, and what tools answer often is. There the letter of an escape stands right
before the next word, and an IBAN or a key at the start of a line looks like part of a longer one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from router.content import Segment

_ESCAPE = re.compile(r"\\+[nrt]")  # more than one backslash: JSON in JSON


def without_escapes(segments: Sequence[Segment]) -> Sequence[Segment]:
    """The segments, each as long as it was, so that offsets hold."""
    for segment in segments:
        if "\\" in segment.text:
            return [each._replace(text=_blank(each.text)) if "\\" in each.text else each for each in segments]
    return segments


def _blank(text: str) -> str:
    return _ESCAPE.sub(_line_end, text)


def _line_end(match: re.Match[str]) -> str:
    return " \n" + " " * (len(match.group()) - 2)
