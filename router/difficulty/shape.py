"""Shape: how the question itself is built. Its options, its numbers, how many steps it may take.

Few numbers, chosen because each points the same way in every public source that has it: more figures, more sentences
and more relations between them make a question harder, options that are numbers have to be worked out. `structure.py`
counts marks and cues of the whole prompt; these look at the question apart from its options, and of a prompt with
examples only at the last question.
"""

from __future__ import annotations

from itertools import pairwise
from math import log

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
RELATION = list(CUES).index("relation")
_OPENINGS = ("\nA.", "\nA)", "\nA:", "\n(A)")
_LETTERS = "BCDEFGHIJ"
_DIGITS = bytes(byte if chr(byte).isdigit() and byte < 128 else 32 for byte in range(256))
_NOT_DIGITS = bytes(byte for byte in range(256) if not 48 <= byte <= 57)
_ENDS = ((b".", (b". ", b".\n")), (b"?", (b"? ", b"?\n")), (b"!", (b"! ",)))  # of sentences, by the mark


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
    numbers = encoded.translate(_DIGITS).split()
    ends = 1
    for mark, endings in _ENDS:
        if mark in encoded:  # to look for one byte takes a tenth of what two take
            for ending in endings:
                ends += encoded.count(ending)
    return (
        with_numbers / len(options) if options else 0.0,
        log(1.0 + len(numbers)),
        float(min(LONGEST, max(map(len, numbers)))) if numbers else 0.0,
        log(1.0 + relations),
        log(1.0 + ends),
        log(1.0 + encoded.count(b" ")),
    )


def parts_of(task: str) -> tuple[str, list[str]]:
    """The last question, and its options; no options where none begin with A, B … on lines of their own."""
    start, opening = -1, ""
    if "\n" not in task:
        return task, []
    for each in _OPENINGS:
        place = task.rfind(each)
        if place > start:
            start, opening = place, each
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
    if task.rfind(opening, 0, start) >= 0:  # examples come before it
        question = question[question.rfind("\n\n") + 1 :]
    return question, options
