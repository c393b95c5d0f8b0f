"""Decode: text hidden in text, brought back for a second reading.

Escapes (`%41`, `\\u0041`, `&#65;`), broken or concatenated literals, letters set apart, digits spelt out, base64, hex.
Each is looked for only where its trigger fires, in the scanner's common pass, and a decoder never yields more than it
read, so the whole stays linear; the scanner follows nesting to `MAX_DEPTH`.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View, view_of

MAX_DEPTH = 2
_MARGIN = 64  # characters around a change that are read again with it
_SUBSTITUTED, _CHANGED = 16, 16  # characters that are replaced in a step, and that are written anew
_Finding = Callable[[View], Iterable[tuple[int, int]]]
_Substitution = Callable[[str], str]

# Each begins with one set of signs, and looks back at which it was, so that the search skips from sign to sign.
_ESCAPE = re.compile(
    r"[\\%&](?:(?<=\\)(?:u\{[0-9A-Fa-f]{1,6}\}|[uU][0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})"
    r"|(?<=%)[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*|(?<=&)(?:#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};|[a-zA-Z]{2,8};))"
)
_NO_LOG = r"(?!(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:)"  # a line that begins with its time is whole
_JOINT = re.compile(
    r"[\"'`\\ \-\n](?:(?<=[\"'`])(?: {0,3}[+.&] {0,3}\n? {0,8}[\"'`]|[ \n\\]{1,9}[\"'`])"  # "abc" + "def", "abc" "def"
    rf"|(?<=\\)\n|(?<=[0-9][ -])\n[ -]?{_NO_LOG}(?=[0-9])|(?<=\n){_NO_LOG}(?:"
    r"(?<=[0-9]\n)[ -]?(?=[0-9])|(?<=[A-Z0-9]\n)(?=[A-Z0-9]{2})|(?<=[A-Za-z0-9._-]\n)(?=[A-Za-z0-9._-]{0,40}@)"
    r"|(?<=@\n)|(?<=[A-Za-z0-9.]\n)(?=[a-z0-9-]{0,40}\.[a-z]{2,6}\b)))"
)
_SPACED = re.compile(
    r"(?<![^\s:=\"'(])[^\s](?: [^\s]){6,}(?![^\s,;.?!\"')])"
    r"|(?<![A-Za-z0-9])[A-Za-z0-9+@](?:([._\-*/])[A-Za-z0-9@+])(?:\1[A-Za-z0-9@+.-]){5,}(?![A-Za-z0-9])"
)
# Where such may stand: the pattern above tries every character, this one makes one pass.
_SPACED_REGION = Pattern(r"[^\s](?: [^\s]){6,}|[A-Za-z0-9+@](?:[._*/-][A-Za-z0-9@+.-]){6,}")
_DIGIT_WORDS = {
    word: digit
    for digit, words in enumerate(
        (
            "zero null cero", "one un eins uno", "two deux zwei zwo dos", "three trois drei tres",
            "four quatre vier cuatro", "five cinq funf cinco", "six sechs seis", "seven sept sieben siete",
            "eight huit acht ocho", "nine neuf neun nueve",
        )
    )
    for word in (*words.split(), str(digit))
}  # fmt: skip
_DIGIT_WORD = "|".join(sorted((word for word in _DIGIT_WORDS if not word.isdigit()), key=len, reverse=True))
_SPELT = Pattern(
    rf"(?i)\b(?:{_DIGIT_WORD})(?:[ ,\-]{{1,2}}(?:{_DIGIT_WORD}|\d|dash|hyphen|minus|tiret|bindestrich|guion))+\b"
)
# A token of ten characters with a capital or a digit inside: words, even long ones, have none, and most text is words.
_BLOB = Pattern(
    r"\b(?:[0-9+/][A-Za-z0-9+/_-]{9,}|[a-z][A-Z0-9+/][A-Za-z0-9+/_-]{8,}|[a-z]{2}[A-Z0-9+/][A-Za-z0-9+/_-]{7,}"
    r"|[a-z]{3,}[A-Z0-9+/][A-Za-z0-9+/_-]{6,}"
    rf"|[A-Z](?:{'|'.join(f'[a-z]{{{low}}}[A-Z0-9+/_-][A-Za-z0-9+/_-]{{{8 - low},}}' for low in range(8))}"
    r"|[a-z]{8,}[A-Z0-9+/_-][A-Za-z0-9+/_-]*|[a-z]{9,}=))={0,2}"
)
_BLOB_FROM = 11  # characters
_BLANK_LINES = str.maketrans("", "", "\n\r\t")
_HEX = re.compile(r"[0-9A-Fa-f]{16,}\Z")  # a repeated group would remember every pair of a megabyte


def _escape(text: str) -> str:
    if text[0] == "%":
        return bytes.fromhex(text.replace("%", "")).decode("utf-8", "replace")
    if text[0] == "&":
        return html.unescape(text)
    point = int(text[2:].strip("{}"), 16)
    return chr(point) if point < 0x110000 else text


def _nothing(text: str) -> str:
    del text
    return ""


def _closed_up(text: str) -> str:
    return text[::2] if text[1:2] in " ._-*/" else text.replace(" ", "")


def _digits(text: str) -> str:
    words = re.split(r"[ ,\-]+", text.lower())
    if len(words) < 5:
        return text
    return "".join(str(_DIGIT_WORDS.get(word, "-")) for word in words)


def _matches(pattern: re.Pattern[str]) -> _Finding:
    return lambda view: (match.span() for match in pattern.finditer(view.text))


def _spelt(view: View) -> Iterator[tuple[int, int]]:
    return ((start, end) for start, end, _, _ in _SPELT.each(view.data))


def _spaced(view: View) -> Iterator[tuple[int, int]]:
    end, size = 0, len(view.data)
    while (region := _SPACED_REGION.search(view.data, end, size)) is not None:
        start, last, _, _ = region
        match = _SPACED.search(view.text, start, min(last + 1, size))
        if match is None:
            view.budget.spend()
            end = last
        else:
            yield match.span()
            end = match.end()


# What to look for in the common pass (RE2), where to replace, by what. The last one, blobs, is read apart.
_DECODERS: tuple[tuple[str, _Finding, _Substitution], ...] = (
    (r"\\[uUx][0-9A-Fa-f{]|%[2-7][0-9A-Fa-f]|&#[xX0-9]|&[a-z]{2,8};", _matches(_ESCAPE), _escape),
    (
        r"[\"'`] *[+.&] *\n? *[\"'`]|[\"'`][ \n\\]+[\"'`]|\\\n|\d[ -]?\n[ -]?\d|[A-Z0-9]\n[A-Z0-9]{2}"
        r"|[A-Za-z0-9._-]\n[A-Za-z0-9._-]*@|@\n|@[A-Za-z0-9.-]*\n",
        _matches(_JOINT),
        _nothing,
    ),
    (
        r"[^\s] [^\s] [^\s] [^\s] [^\s] [^\s] [^\s]"
        r"|[A-Za-z0-9][._*/-][A-Za-z0-9][._*/-][A-Za-z0-9][._*/-][A-Za-z0-9][._*/-]",
        _spaced,
        _closed_up,
    ),
    (
        rf"(?i)\b(?:{_DIGIT_WORD})[ ,-]+(?:{_DIGIT_WORD}|\d)[ ,-]+(?:{_DIGIT_WORD}|\d)[ ,-]+(?:{_DIGIT_WORD}|\d)\b",
        _spelt,
        _digits,
    ),
)
# Of eleven characters, and with a capital, a digit or a sign behind the first: what is not is a word, or too short.
BLOB_TRIGGER = (
    r"\b(?:[A-Z][a-z]{0,4}[A-Z0-9+/_-][A-Za-z0-9+/_=-]{5}|[a-z]+[A-Z0-9+/][A-Za-z0-9+/_-]{6}|[A-Z][a-z]{5,}[A-Z0-9+/_-]"
    r"|[0-9+/][A-Za-z0-9+/_-]{6})"
)
TRIGGERS = tuple(trigger for trigger, _, _ in _DECODERS)
OF_WORDS = (2, 3)  # those that look at words, and go well with what else does; the others look at signs


def hidden_views(view: View, hits: Sequence[int]) -> Iterator[View]:
    """Further readings of the same segment, each with the way back to the original offsets.

    `hits` are those of `TRIGGERS`, and one more for `BLOB_TRIGGER`.

    Raises `TooManyCandidatesError` if there are more than the view's budget allows.
    """
    for index in hits:
        if index == len(_DECODERS):
            yield from _blobs(view)
        else:
            _, places, substitution = _DECODERS[index]
            yield from _substitute(view, places(view), substitution)


def _substitute(view: View, places: Iterable[tuple[int, int]], substitution: _Substitution) -> Iterator[View]:
    """The neighbourhoods of all matches, with the matches replaced. Far from them there is nothing new to read."""
    changes = []
    view.budget.spend_pass(len(view.text))
    for start, end in places:
        view.budget.spend(2 + (end - start) // _SUBSTITUTED)
        text = view.text[start:end]
        replacement = substitution(text)
        if replacement != text:
            changes.append((start, end, replacement))
    first = 0
    for number in range(1, len(changes) + 1):
        if number == len(changes) or changes[number][0] - changes[number - 1][1] > 2 * _MARGIN:
            yield _changed(view, changes[first:number])
            first = number


def _changed(view: View, changes: list[tuple[int, int, str]]) -> View:
    """The stretch of the view around neighbouring changes, with the changes made."""
    text, pieces, offsets = view.text, list[str](), list[int]()
    view.budget.spend(10 + (changes[-1][1] - changes[0][0]) // _CHANGED)
    position = max(0, changes[0][0] - _MARGIN)
    label = view.before(position)
    for start, end, replacement in changes:
        pieces += (text[position:start], replacement)
        offsets.extend(range(position, start))
        width, count = end - start, len(replacement)
        offsets.extend(start + width * i // count for i in range(count))
        position = end
    last = min(len(text), position + _MARGIN)
    pieces.append(text[position:last])
    offsets.extend(range(position, last + 1))
    folded = view_of("".join(pieces), label, view.budget)
    if folded.offsets is not None:
        offsets = [offsets[i] for i in folded.offsets]
    if view.offsets is not None:
        offsets = [view.offsets[i] for i in offsets]
    return folded._replace(offsets=tuple(offsets), cover=view.cover)


def _blobs(view: View) -> Iterator[View]:
    for start, position, _, _ in _BLOB.each(view.data):
        view.budget.spend(1 + (position - start) // 64)
        if position - start < _BLOB_FROM:
            continue
        decoded = _decoded(view.text[start:position])
        if decoded is not None:
            view.budget.spend(10)
            cover = view.original(start, position)
            yield view_of(decoded, view.before(start), view.budget)._replace(offsets=None, cover=cover)


def _decoded(token: str) -> str | None:
    """The text in base64 or hex, if there is any. Most tokens are words or names of variables, and fail at once."""
    if len(token) % 2 == 0 and _HEX.match(token) is not None and not token.isdigit():
        return _text(bytes.fromhex(token))
    if len(token) >= 16 and token.isdigit() and len(token) % 2 == 0:
        return _text(bytes.fromhex(token))
    if token.islower() or token.isupper() or token.isdigit() or (token.isalpha() and token[1:].islower()):
        return None
    body = token.rstrip("=").replace("-", "+").replace("_", "/")
    if len(body) % 4 == 1:
        return None
    try:
        return _text(base64.b64decode(body + "=" * (-len(body) % 4)))
    except binascii.Error:
        return None


def _text(data: bytes) -> str | None:
    """UTF-8 that can be printed, or nothing."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if len(text) >= 6 and text.translate(_BLANK_LINES).isprintable() else None
