"""Features of a candidate: what its words look like, which lists know them, what stands around them.

One value a slot. Training gives each value of a slot a weight; serving adds the weights up (`weights.py`). Both read a
candidate with `looks` and `around` and cannot disagree; whoever changes them raises `FEATURES_VERSION`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Final

from router.sensitivity.lexicon import read
from router.sensitivity.tagger.candidates import Candidate

FEATURES_VERSION = 2
SLOTS = 22
INTEGER_SLOTS = 3  # the first so many hold integers, the others strings
WORDS_MAX: Final = 4  # words of a candidate that are counted
SHAPES: Final = 64  # values of the first slot: words, capitals, an initial, whether a sentence opens
UNKNOWN: Final[tuple[str, ...]] = (
    "?0",
    "?1",
    "?2",
    "?3",
    "?4",
)  # stands for a word that is not common, by how many the candidate has
_WINDOW: Final = 26  # characters that are read on either side of a candidate
_DOCUMENT: Final = 20_000  # characters of a text that say what kind of text it is
_TOUCH: Final = 2  # characters that touch a candidate on its right and are read
_KEY: Final = re.compile(r"([a-z][a-z_-]*)[\"'`*]*[:=][\"'`*\[({\n]*\Z")  # of a field; behind it its value begins
_LOWER_LETTERS = bytes(ord(chr(char).lower()) if char < 128 and chr(char).isalpha() else 32 for char in range(256))
_DIGITS_ONLY: Final = b"0123456789"
_SIZES: Final = 15  # powers of two, up to `_DOCUMENT`
_MANY, _FEW, _MOST_DIGITS, _MOST_LINES, _SIGNS = 7, 4, 7, 5, 5
_RECORD_OPENS: Final = frozenset("{[<|")
_ENDINGS = ".?!:;,)]}\"'`*\n"
# All that a text can be marked with: one mark of each kind.
MARK_KINDS = (
    tuple(f"#size {size}" for size in range(_SIZES)),
    tuple(f"#size {size} many {many}" for size in range(_SIZES) for many in range(_FEW)),
    tuple(f"#many {many}" for many in range(_MANY)),
    tuple(f"#digits {digits}" for digits in range(_MOST_DIGITS)),
    tuple(f"#lines {lines}" for lines in range(_MOST_LINES)),
    tuple(f"#code {signs}" for signs in range(_SIGNS)),
    ("#no question", "#question"),
    ("#no capitals", "#capitals"),
    ("#opens high", "#opens low"),
    ("#no at", "#at"),
    ("#ends", *(f"#ends {char}" for char in _ENDINGS)),
    ("#no blank", "#blank"),
    ("#no options", "#options"),
    ("#prose", "#record"),
)
MARKS: Final = tuple(mark for kind in MARK_KINDS for mark in kind)
_AT = {mark: index for index, mark in enumerate(MARKS)}
_, _SIZE_MANY_AT, _MANY_AT, _DIGITS_AT, _LINES_AT, _CODE_AT, _QUESTION_AT, _CAPITALS_AT, _LOW_AT, _AT_AT, _ENDS_AT = (
    _AT[kind[0]] for kind in MARK_KINDS[:11]
)
_BLANK_AT, _OPTIONS_AT, _RECORD_AT = (_AT[kind[0]] for kind in MARK_KINDS[11:])
_ENDS: Final = {char: _AT[f"#ends {char}"] for char in _ENDINGS}

Looks = tuple[int, int, int, str, str]
"""Of a candidate: words counted, shape, lists that know the first and last word; first and last word."""
Around = tuple[bool, str, str, str, str, str, str, str]
"""Whether a sentence opens with the candidate; the words to the left, next one last (the key, if it stands in a field);
what touches it on the left, on the right; the words to the right."""


def word_flags() -> dict[str, int]:
    """Word → which lists know it.

    1 first name, 2 ambiguous, 4 family name, 8 ambiguous, 16 famous, 32 of things, 128 of places.
    """
    flags: dict[str, int] = {}
    first, first_ambiguous = read("first_names")
    last, last_ambiguous = read("surnames")
    famous, _ = read("famous")
    things, _ = read("organisations")
    places, _ = read("places")
    lists = (
        (1, first),
        (2, first_ambiguous),
        (4, last),
        (8, last_ambiguous),
        (16, famous),
        (32, things),
        (128, places),
    )
    for bit, words in lists:
        for word in words:
            flags[word] = flags.get(word, 0) | bit
    return flags


def looks(text: str, candidate: Candidate, flags: Mapping[str, int]) -> Looks:
    """What tells without a look around."""
    start, _, words = candidate
    first = last = words[0]
    lists = flags.get(first, 0) << 8
    count = shape = len(words)
    if count == 1:
        lists |= 64
    else:
        last = words[-1]
        lists |= flags.get(last, 0)
        if count > WORDS_MAX:
            count = shape = WORDS_MAX
        if words[1][1:] in (".", ""):
            shape += 16
    if text[start : start + 2].isupper():
        shape += 8
    return count, shape, lists, first, last


def around(lower: str, start: int, end: int) -> Around:
    """What stands around `lower[start:end]`. `^` and `$` are beyond what is read."""
    # What touches the candidate: "" behind a space, "(" or "\n" otherwise.
    window = lower[start - _WINDOW if start > _WINDOW else 0 : start]
    _, left_3, left_2, left_1, touch_left = f"^ ^ ^ ^ {window}".rsplit(" ", 4)
    touch_right, right_1, right_2, _ = f"{lower[end : end + _WINDOW]} $ $ $".split(" ", 3)
    opens = not start or (touch_left or left_1)[-1:] in '.!?:\n"-*>'
    if touch_left or left_1[-1:] in ":=" or "\n" in left_1:
        left_2, left_1, touch_left = _field(left_2, left_1, touch_left)
    if len(touch_right) > 1:
        line, broken, _ = touch_right.partition("\n")
        touch_right = line[:_TOUCH] + broken
    return opens, left_3, left_2, left_1, touch_left, touch_right, right_1, right_2


def _field(left_2: str, left_1: str, touch_left: str) -> tuple[str, str, str]:
    """The same without what stands on the line before, and of `{"first_name": "` the key alone, as `first`, `name:`."""
    key, held = None, touch_left
    if len(touch_left) > 1:
        key = _KEY.search(touch_left)
        if key is not None or "\n" in touch_left:
            touch_left = touch_left[-1]
    if key is None and not touch_left[:-1] and left_1[-1:] in ":=":
        key, held = _KEY.search(left_1), left_1
    if key is not None:
        before, _, last = key[1].rpartition("_")
        return before or ("\n" if "\n" in held else left_2), f"{last}:", touch_left
    if "\n" in left_1:
        return "\n", left_1[left_1.rfind("\n") + 1 :], touch_left
    return left_2, left_1, touch_left


def features(
    text: str, lower: str, candidate: Candidate, flags: Mapping[str, int], common: Container[str]
) -> tuple[str | int, ...]:
    """One value a slot. `common` holds the words that may speak for themselves; names do not."""
    count, shape, lists, first, last = looks(text, candidate, flags)
    opens, left_3, left_2, left_1, touch_left, touch_right, right_1, right_2 = around(
        lower, candidate.start, candidate.end
    )
    given = lists >> 8 & 3
    return (
        shape << 1 | opens,
        lists,
        lists << 1 | opens,
        first if first in common else UNKNOWN[count],
        last if last in common else UNKNOWN[count],
        last[-3:],
        last[-2:],
        first[-3:],
        first[:2],
        left_1,
        left_2,
        left_3,
        right_1,
        right_2,
        f"{touch_left}|{touch_right}",
        touch_left,
        touch_right,
        f"{left_2} {left_1}",
        f"{touch_right} {right_1}",
        f"{left_1}|{touch_right}",
        f"{left_1} {given}",
        f"{touch_right} {right_1} {given}",
    )


def document_words(data: bytes) -> list[str]:
    """The words of a text (folded ASCII), lower case."""
    return data[:_DOCUMENT].translate(_LOWER_LETTERS).decode("ascii").split()


def document_marks(text: str, data: bytes, count: int) -> tuple[int, ...]:
    """What else says what kind of text it is: its size, its signs, and how many candidates it holds; of `MARKS`."""
    if len(data) > _DOCUMENT:
        text, data = text[:_DOCUMENT], data[:_DOCUMENT]
    size, many = len(data).bit_length(), count.bit_length()
    digits = len(data) - len(data.translate(None, _DIGITS_ONLY))
    size = size if size < _SIZES else _SIZES - 1
    return (
        size,
        _SIZE_MANY_AT + size * _FEW + (many if many < _FEW else _FEW - 1),
        _MANY_AT + (many if many < _MANY else _MANY - 1),
        _DIGITS_AT + min(digits.bit_length(), _MOST_DIGITS - 1) if digits else _DIGITS_AT,
        _LINES_AT + min(text.count("\n").bit_length(), _MOST_LINES - 1) if "\n" in text else _LINES_AT,
        _CODE_AT + ("{" in text) + (");" in text) + ("def " in text) + ("import " in text),
        _QUESTION_AT + ("?" in text),
        _CAPITALS_AT + text[:200].isupper(),
        _LOW_AT + text[:1].islower(),
        _AT_AT + ("@" in text),
        _ENDS.get(text[-1:], _ENDS_AT),
        _BLANK_AT + (" _" in text and (" _ " in text or "__" in text)),
        _OPTIONS_AT + ("A)" in text or "\nA." in text),
        _RECORD_AT + (text[:1] in _RECORD_OPENS),
    )
