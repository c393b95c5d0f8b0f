"""Features of a candidate: what its words look like, which lists know them, what stands around them.

One value a slot. A model holds one table of weights a slot, so scoring is one look-up a feature. Training and serving
share this file and cannot disagree; whoever changes it raises `FEATURES_VERSION`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from router.sensitivity.lexicon import read
from router.sensitivity.tagger.candidates import Candidate

FEATURES_VERSION = 1
SLOTS = 22
INTEGER_SLOTS = 3  # the first so many hold integers, the others strings
_WINDOW = 26  # characters that are read on either side of a candidate
_WORDS_MAX = 4
_UNKNOWN = ("?0", "?1", "?2", "?3", "?4")
_DOCUMENT = 20_000  # characters of a text that say what kind of text it is
_LETTERS = bytes(char if chr(char).isalpha() and char < 128 else 32 for char in range(256))
_SIZES = 15  # powers of two, up to `_DOCUMENT`
_SIZE = tuple(f"#size {size}" for size in range(_SIZES))
_SIZE_MANY = tuple(f"#size {size} many {many}" for size in range(_SIZES) for many in range(4))
_MANY = tuple(f"#many {many}" for many in range(7))
_DIGITS = tuple(f"#digits {digits}" for digits in range(7))
_LINES = tuple(f"#lines {lines}" for lines in range(5))
_CODE = tuple(f"#code {signs}" for signs in range(5))
_ENDS = {char: f"#ends {char}" for char in ".?!:;,)]}\"'`*\n"}


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


def features(
    text: str, lower: str, candidate: Candidate, flags: Mapping[str, int], common: Container[str]
) -> tuple[str | int, ...]:
    """One value a slot. `common` holds the words that may speak for themselves; names do not."""
    start, end, words = candidate
    first, last = words[0], words[-1]
    count = len(words) if len(words) < _WORDS_MAX else _WORDS_MAX
    flag_first = flags.get(first, 0)
    flag_last = flags.get(last, 0) if count > 1 else 64
    left = lower[start - _WINDOW if start > _WINDOW else 0 : start].split(" ")
    right = lower[end : end + _WINDOW].split(" ")
    # What touches the candidate: "" behind a space, "(" or "\n" otherwise.
    touch_left, touch_right = left[-1], right[0]
    left_1 = left[-2] if len(left) > 1 else "^"
    left_2 = left[-3] if len(left) > 2 else "^"
    left_3 = left[-4] if len(left) > 3 else "^"
    right_1 = right[1] if len(right) > 1 else "$"
    right_2 = right[2] if len(right) > 2 else "$"
    shape = count
    if text[start : start + 2].isupper():
        shape += 8
    if count > 1 and (words[1][1:] in (".", "")):
        shape += 16
    opens = not start or (touch_left or left_1)[-1:] in '.!?:\n"-*>'
    lists = flag_first << 8 | flag_last
    touch = f"{touch_left}|{touch_right}"
    return (
        shape << 1 | opens,
        lists,
        lists << 1 | opens,
        first if first in common else _UNKNOWN[count],
        last if last in common else _UNKNOWN[count],
        last[-3:],
        last[-2:],
        first[-3:],
        first[:2],
        left_1,
        left_2,
        left_3,
        right_1,
        right_2,
        touch,
        touch_left,
        touch_right,
        f"{left_2} {left_1}",
        f"{touch_right} {right_1}",
        f"{left_1}|{touch_right}",
        f"{left_1} {flag_first & 3}",
        f"{touch_right} {right_1} {flag_first & 3}",
    )


def document_words(data: bytes) -> set[str]:
    """The words of a text (folded ASCII), lower case."""
    return set(data[:_DOCUMENT].lower().translate(_LETTERS).decode("ascii").split())


def document_marks(text: str, data: bytes, count: int) -> tuple[str, ...]:
    """What else says what kind of text it is: its size, its signs, and how many candidates it holds."""
    if len(data) > _DOCUMENT:
        text, data = text[:_DOCUMENT], data[:_DOCUMENT]
    digits = len(data) - len(data.translate(None, b"0123456789"))
    size = min(_SIZES - 1, len(data).bit_length())
    many = min(6, count.bit_length())
    return (
        _SIZE[size],
        _SIZE_MANY[size * 4 + min(3, many)],
        _MANY[many],
        "#question" if "?" in text else "#no question",
        _DIGITS[min(6, digits.bit_length())],
        _LINES[min(4, text.count("\n").bit_length())],
        _CODE[("{" in text) + (");" in text) + ("def " in text) + ("import " in text)],
        "#capitals" if text[:200].isupper() else "#no capitals",
        "#opens low" if text[:1].islower() else "#opens high",
        "#at" if "@" in text else "#no at",
        _ENDS.get(text[-1:], "#ends"),
    )
