"""Shape: how the question itself is built. Its options, its numbers, how many steps it may take.

Few numbers, chosen because each points the same way in every public source that has it: more figures, more sentences
and more relations between them make a question harder, options that are numbers have to be worked out. `structure.py`
counts marks and cues of the whole prompt; these look at the question apart from its options, and of a prompt with
examples only at the last question.
"""

from __future__ import annotations

from itertools import pairwise
from math import log
from typing import Final

from router.difficulty.cues import CUES

SHAPE_NAMES = (
    "options_with_numbers",
    "numbers",
    "longest_number",
    "relations",
    "sentences",
    "question_words",
)
LONGEST = 6  # digits of a number; beyond, length says no more
RELATION: Final = list(CUES).index("relation")
_AFTER: Final = ".):"  # a letter that is the name of an option
_TRIES: Final = 16  # lines with an A that are looked at; more begin no list
_LETTERS: Final = "BCDEFGHIJ"
_DIGITS: Final = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))  # every digit 0, all else blank
_RUNS: Final = tuple(b"0" * size for size in range(1, LONGEST + 1))
_NOT_DIGITS: Final = bytes(byte for byte in range(256) if not 48 <= byte <= 57)
_ENDS: Final[tuple[tuple[int, tuple[bytes, ...]], ...]] = (
    (0x2E, (b". ", b".\n")),
    (0x3F, (b"? ", b"?\n")),
    (0x21, (b"! ",)),
)  # of sentences, by the mark


def shape_of(task: str, encoded: bytes, relations: float) -> tuple[float, ...]:
    """One number per name in `SHAPE_NAMES`. `encoded` is the task in UTF-8; `relations`: how many of its distinct words
    are of the cue class `relation`."""
    question, options = parts_of(task)
    with_numbers = 0
    for option in options:
        if option.encode("utf-8", "replace").translate(None, _NOT_DIGITS):
            with_numbers += 1
    if options:
        encoded = question.encode("utf-8", "replace")
    # Counting two bytes is what bytes do fastest: splitting the same text takes twenty times as long.
    digits = encoded.translate(_DIGITS)
    numbers = digits.count(b"0 ") + digits.endswith(b"0")
    longest = 0
    for run in _RUNS:
        if digits.find(run) < 0:  # `in` makes an exception each time, and forgets it
            break
        longest += 1
    ends = 1
    for mark, endings in _ENDS:
        if mark in encoded:  # to look for one byte takes a tenth of what two take
            for ending in endings:
                ends += encoded.count(ending)
    return (
        with_numbers / len(options) if options else 0.0,
        log(1.0 + numbers),
        float(longest),
        log(1.0 + relations),
        log(1.0 + ends),
        log(1.0 + encoded.count(b" ")),
    )


def parts_of(task: str) -> tuple[str, list[str]]:
    """The last question, and its options; no options where none begin with A, B … on lines of their own."""
    start, opening = _first_option(task) if "\n" in task else (-1, "")
    if start < 0:
        return task, []
    places = [start]
    for letter in _LETTERS:
        place = task.find(opening.replace("A", letter), places[-1] + 2)
        if place < 0:
            break
        places.append(place)
    if len(places) == 1:
        return task, []
    size = len(opening)
    options = [task[a + size : b] for a, b in pairwise(places)]
    last = task[places[-1] + size :].lstrip()
    options.append(last.partition("\n")[0])
    question = task[:start].rstrip()
    if task.find(opening, 0, start) >= 0:  # examples come before it
        question = question[question.rfind("\n\n") + 1 :]
    return question, options


def _first_option(task: str) -> tuple[int, str]:
    """Where the last list of options begins, and how: with a line break, A, and a mark. −1 where there is none."""
    best, opening = -1, ""
    for begin, at in (("\nA", 2), ("\n(", 3)):
        place = len(task)
        for _ in range(_TRIES):
            place = task.rfind(begin, 0, place)
            if place <= best:
                break
            found = task[place : place + at + 1]
            if (at == 2 and found[2:] and found[2:] in _AFTER) or found == "\n(A)":
                best, opening = place, found
                break
    return best, opening
