"""Views: a segment's text in the form in which the detectors read it, with the way back to the original offsets.

The detectors see plain ASCII, one character for one: accents, full-width forms and look-alikes of other alphabets are
folded to the letter they show, invisible characters are left out. So every pattern is written once, and `é`, `е`
(Cyrillic), `ｅ` and `e` + U+200B are all an `e`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from sys import byteorder
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from router.sensitivity.budget import Budget

# Letters of other alphabets that look like a Latin one: of Unicode TR39's confusables, the single letters that matter.
_LOOKALIKES: Final = dict(
    zip(
        "АВСЕНІЈКМОРЅТХУаеорсухіјѕһԁԛԝвкмнтгАΑΒΕΖΗΙΚΜΝΟΡΤΥΧανοιρυκτɡɑⅼıℓօհսոցյզտՏՕԼՍᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
        "ABCEHIJKMOPSTXYaeopcyxijshdqwBKMHTrAABEZHIKMNOPTYXavoipuktgalilohungjqsSOLUabcdefghijklmnoprstuvwyz",
        strict=True,
    )
)
_PUNCTUATION: Final = {
    char: plain
    for plain, chars in {
        "-": "‐‑‒–—―−﹣－⁃",
        ".": "·•∙․。．｡…",
        "@": "＠﹫",
        "'": "‘’‚‛′‹›´",
        '"': "“”„‟″«»",
        ":": "：",
        "/": "／⁄∕",
        "_": "＿",
    }.items()
    for char in chars
}
# The zeros of the other scripts' decimal digits (Unicode 15, category Nd).
_ZEROS = (
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
    0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0,
    0x11650, 0x116C0, 0x118E0, 0x1E950, 0x1FBF0,
)  # fmt: skip
_BLOCKS = (
    range(0xA0, 0x250),
    range(0x250, 0x2B0),
    range(0x1E00, 0x1F00),
    range(0x2000, 0x2100),
    range(0x2100, 0x2190),
    range(0x2460, 0x2500),
    range(0x2776, 0x2794),
    range(0xFF01, 0xFF5F),
    range(0x1D400, 0x1D800),
    *(range(zero, zero + 10) for zero in _ZEROS),
)
_STROKED: Final = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Þ": "T", "þ": "t", "ħ": "h"}
_LIGATURES: Final = {"ß": "s", "æ": "a", "Æ": "A", "œ": "o", "Œ": "O"}
# First and last of the characters that show nothing: format, fillers, selectors, combining marks, tags.
_INVISIBLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180E),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x0300, 0x036F), (0x0483, 0x0489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF), (0xFE20, 0xFE2F), (0xE0000, 0xE007F), (0xE0100, 0xE01EF),
)  # fmt: skip
_SOFT_HYPHEN: Final = b"\xad"  # the only invisible character in Windows-1252
_TABLED: Final = 0x20000  # no character from here on shows a letter
_DROPPED, _DROPPED_SIGN = 0xFF, b"\xff"  # stands for an invisible character


def _fold_table() -> dict[int, str]:
    table: dict[int, str] = {}
    for block in _BLOCKS:
        for point in block:
            char = chr(point)
            if char.isspace():
                table[point] = "\n" if point in (0x2028, 0x2029) else " "
                continue
            base = unicodedata.normalize("NFKD", char)[:1]
            if base.isascii():
                table[point] = base
            elif (digit := unicodedata.decimal(base, None)) is not None:
                table[point] = str(digit)
    for first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):  # letters in boxes and circles, flags' letters
        table.update((first + number, chr(65 + number)) for number in range(26))
    for first in (0x2776, 0x2780, 0x278A):  # 1 to 9 in circles
        table.update((first + number, str(number + 1)) for number in range(9))
    table[0x24FF] = table[0x24EA] = "0"
    for folding in (_LOOKALIKES, _PUNCTUATION, _STROKED, _LIGATURES):
        table.update((ord(char), plain) for char, plain in folding.items())
    table[0x3000] = " "
    return table


def _fold_points() -> npt.NDArray[np.uint8]:
    """Code point → ASCII, or `_DROPPED`; the last entry for all that follow."""
    table = np.full(_TABLED + 1, ord("?"), np.uint8)
    table[:128] = np.arange(128)
    for point, plain in _fold_table().items():
        table[point] = ord(plain)
    for first, last in _INVISIBLE:
        if last < _TABLED:
            table[first : last + 1] = _DROPPED
    return table


_FOLD_POINTS: Final = _fold_points()
# The same for text that fits Windows-1252, where a table of 256 bytes does it a hundred times faster.
_FOLD_BYTES: Final = _FOLD_POINTS.take([ord(char) for char in bytes(range(256)).decode("cp1252", "replace")]).tobytes()
_INVISIBLE_BEYOND: Final = tuple((first, last) for first, last in _INVISIBLE if last >= _TABLED)


class View(NamedTuple):
    """One readable form of a segment.

    `text` and `data` are the same ASCII characters, `lower` is `text` in lower case. `offsets[i]` is the original
    offset of character `i` (one more entry for the end); `None` says they are the same. With `cover`, the text was
    decoded out of that span of the original, and every finding is reported as the whole of it.
    Text that was put together out of pieces has `joints` between them, and a finding in it needs `floor` (`pieces.py`).
    `label` is the name of the field the text stood in, a context like any word before it. `budget` is the scan's.
    """

    text: str
    data: bytes
    lower: str
    budget: Budget
    offsets: Sequence[int] | None = None
    cover: tuple[int, int] | None = None
    label: str = ""
    joints: tuple[int, ...] = ()
    floor: float = 0.0

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that `start:end` of this view stands for."""
        if self.cover is not None:
            return self.cover
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end]

    def before(self, start: int, width: int = 64) -> str:
        """Up to `width` characters before `start`, lower case; the label counts as standing before the text."""
        if start >= width or not self.label:
            return self.lower[max(0, start - width) : start]
        return f"{self.label}: {self.lower[:start]}"

    def after(self, end: int, width: int = 64) -> str:
        return self.lower[end : end + width]


def view_of(text: str, label: str = "", budget: Budget | None = None) -> View:
    """The folded view of any text; never raises, linear in its length."""
    if budget is None:
        budget = Budget(len(text))
    if text.isascii():
        return View(text, text.encode(), text.lower(), budget, None, None, label)
    data, offsets = fold(text)
    folded = data.decode("ascii")
    return View(folded, data, folded.lower(), budget, offsets, None, label)


def fold(text: str) -> tuple[bytes, Sequence[int] | None]:
    """The ASCII that `text` shows, and the way back where characters were left out."""
    if text.isascii():
        return text.encode(), None
    try:
        data = text.encode("cp1252")
        if _SOFT_HYPHEN not in data:
            return data.translate(_FOLD_BYTES), None
    except UnicodeEncodeError:
        pass
    return _folded(text)


def _folded(text: str) -> tuple[bytes, Sequence[int] | None]:
    """The same for any text."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    shown = _FOLD_POINTS.take(points, mode="clip")
    if points.max() >= _TABLED:
        for first, last in _INVISIBLE_BEYOND:
            shown[(points >= first) & (points <= last)] = _DROPPED
    data = shown.tobytes()
    if _DROPPED_SIGN not in data:
        return data, None
    kept = np.flatnonzero(shown != _DROPPED)
    # Bytes that are read as numbers: a tuple of a million takes as long as everything else.
    places = kept.astype(np.int32).tobytes() + len(points).to_bytes(4, byteorder)
    return shown[kept].tobytes(), memoryview(places).cast("i")


# Fields of the protocols that hold whatever a text is about.
_UNTELLING = (".content", ".text", ".output", ".arguments", ".instructions", ".description", ".input", ".prompt")


def label_of(path: str) -> str:
    """The name of the field a value stood in: `{"ssn": "…"}` says what it is. Message text has no such name."""
    if path.endswith(_UNTELLING) or path == "text":
        return ""
    return path[path.rfind(".") + 1 :][-32:].lower().replace("_", " ")
