"""Arithmetic in a text, computed again, exactly: `347 + 58 = 405`, chains of equals, percentages, words for operators.

Only what can be read with certainty is judged: a statement with letters for numbers, other operators, or units that
differ says nothing. A result that was rounded is right. What the question itself states is not counted.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final, NamedTuple

_LONGEST: Final = 8_000  # characters that are looked at
_MOST_DIGITS: Final = 30
_MOST_STATEMENTS: Final = 200
_DEEPEST: Final = 30  # brackets in brackets; with more nothing is said of it

_BOLD: Final = re.compile(r"(?<!\d)\*\*|\*\*(?!\d)|\$|€|£|\\[(\[)\]]|\\text\{|[`_]")
# A number, an operator, an equals sign, a bracket, a word, or anything else that is not blank.
_TOKEN: Final = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?)(?P<percent>\s?%)?"
    r"|(?P<word>\\?[^\W\d_]+)|(?P<mark>[-+*/×÷−·=≈()])|(?P<other>\S)"
)
_OPERATORS: Final = {
    "+": "+",
    "plus": "+",
    "más": "+",
    "-": "-",
    "−": "-",
    "minus": "-",
    "moins": "-",
    "menos": "-",
    "*": "*",
    "×": "*",
    "·": "*",
    "x": "*",
    "\\times": "*",
    "\\cdot": "*",
    "times": "*",
    "fois": "*",
    "mal": "*",
    "por": "*",
    "/": "/",
    "÷": "/",
    "\\div": "/",
}
_DIVIDED: Final = frozenset({"divided", "geteilt", "divisé", "dividido", "multiplied", "multiplié", "multiplicado"})
_BY: Final = frozenset({"by", "durch", "par", "por", "entre"})
_EQUALS: Final = frozenset({"=", "≈"})
_SAYS_EQUALS: Final = frozenset(
    {"equals", "is", "makes", "gives", "égale", "font", "fait", "ist", "ergibt", "es", "son"}
)
_GOES_ON: Final = frozenset("(+-*/")
_OF: Final = frozenset({"of", "de", "von", "del"})
# Words that are numbers, or make another number of the one before them.
_COUNTS: Final = frozenset(
    [
        "k",
        "hundred",
        "thousand",
        "million",
        "billion",
        "trillion",
        "dozen",
        "dozens",
        "cent",
        "mille",
        "million",
        "millions",
        "milliard",
        "hundert",
        "tausend",
        "millionen",
        "milliarde",
        "milliarden",
        "cien",
        "mil",
        "millón",
        "millones",
        "half",
        "quarter",
        "third",
        "percent",
        "pct",
        "mod",
        "modulo",
        "remainder",
        "degrees",
        "squared",
        "cubed",
        "factorial",
    ]
)
_ASKS: Final = re.compile(
    r"\s*(?:what(?:'s| is)|how much is|calculate|compute|evaluate|work out|solve|combien (?:font|fait)|calcule[rz]?|"
    r"was (?:ist|ergibt)|wie ?viel (?:ist|sind)|berechne|cuánto (?:es|son)|¿cuánto (?:es|son)|calcula)\b[\s:]*",
    re.IGNORECASE,
)
_LONGEST_ASKED: Final = 200  # characters

_Side = list["_Piece"]


class _Piece(NamedTuple):
    """`kind`: `number`, `+`, `-`, `*`, `/`, `(`, `)`, `=` (a sign), `is` (a word for it), `word` or `other`."""

    kind: str
    value: Fraction = Fraction(0)
    decimals: int = 0
    is_percent: bool = False
    word: str = ""
    start: int = 0
    end: int = 0


class Statements(NamedTuple):
    """How many statements are right, and how many are wrong."""

    right: int
    wrong: int


def statements(text: str, question: str = "", *, is_whole: bool = True) -> Statements:
    """What the text states. Where more of it may come, the last number is not trusted: it may grow."""
    given = frozenset(_stated(question, is_whole=True)) if "=" in question else frozenset()
    found = [stated for stated in _stated(text, is_whole=is_whole) if stated not in given]
    right = sum(is_right for is_right, _ in found)
    return Statements(right, len(found) - right)


def asked(question: str) -> Fraction | None:
    """The value of the one expression that a question asks for, if that is all it asks."""
    lead = _ASKS.match(question) if len(question) <= _LONGEST_ASKED else None
    if lead is None:
        return None
    pieces = _pieces(question[lead.end() :])
    side, last = _side_at(pieces, 0)
    rest = pieces[last:]
    if rest and (rest[0].kind != "other" or rest[0].word not in "?.!"):
        return None
    if any(piece.kind != "word" and piece.word not in "?.!," for piece in rest[1:]):
        return None  # more numbers
    return _value(side) if _operators(side) else None


def says(text: str, value: Fraction) -> tuple[bool, bool] | None:
    """Whether the value is among the text's numbers, and whether it is the last; `None` where there are none."""
    numbers = [piece for piece in _pieces(text) if piece.kind == "number"]
    if not numbers:
        return None
    exact = abs(value)
    agree = [_agree(each.value, exact, each.decimals) or each.value == 100 * exact for each in numbers]
    return any(agree), agree[-1]


def last_number(text: str) -> Fraction | None:
    """The last number of a text, without its sign."""
    numbers = [piece for piece in _pieces(text) if piece.kind == "number"]
    return numbers[-1].value if numbers else None


def _stated(text: str, *, is_whole: bool) -> list[tuple[bool, tuple[Fraction, Fraction]]]:
    """Every equation: whether it holds, and its two sides."""
    pieces = _pieces(text)
    out: list[tuple[bool, tuple[Fraction, Fraction]]] = []
    at, end = 0, len(pieces)
    while at < end and len(out) < _MOST_STATEMENTS:
        if not _begins(pieces, at):
            at += 1
            continue
        left, at = _side_at(pieces, at)
        while at < end and pieces[at].kind in ("=", "is"):
            sign = pieces[at]
            right, after = _side_at(pieces, at + 1)
            if right and _comparable(left, right, sign, pieces, after, is_whole=is_whole):
                mine, other = _value(left), _value(right)
                if mine is not None and other is not None:
                    loose = sign.word == "≈" or any(piece.kind == "/" for piece in left)
                    # `3 + 4 = 7 + 5 = 12`: a running total, as people write it
                    holds = _holds(mine, other, left, right, is_loose=loose) or right[0].value == mine
                    out.append((holds, (mine, other)))
            left, at = right, max(after, at + 1)
    return out


def _comparable(left: _Side, right: _Side, sign: _Piece, pieces: list[_Piece], after: int, *, is_whole: bool) -> bool:
    follows = pieces[after] if after < len(pieces) else None
    if not _operators(left) and not _operators(right):
        return False
    if follows is None and not is_whole:
        return False
    if sign.kind == "is" and (not _operators(left) or len(right) > 1 or _goes_on(follows)):
        return False
    if follows is not None and (follows.kind in _GOES_ON or follows.word in "^!:" or _is_letter(follows)):
        return False
    return not _mixes(left + right)


def _goes_on(follows: _Piece | None) -> bool:
    return follows is not None and not (follows.kind == "other" and follows.word in ".,;!?")


def _is_letter(piece: _Piece) -> bool:
    return piece.kind == "word" and (len(piece.word) == 1 or piece.word in _COUNTS)


def _mixes(side: _Side) -> bool:
    """Percentages beside plain numbers in a sum: `100 - 20 %` means 80 to most."""
    numbers = [piece for piece in side if piece.kind == "number"]
    sums = any(piece.kind in ("+", "-") for piece in side)
    return sums and len({piece.is_percent for piece in numbers}) > 1


def _begins(pieces: list[_Piece], at: int) -> bool:
    """Whether an expression can begin here: after a letter or a sign it would be the rest of one."""
    if pieces[at].kind not in ("number", "("):
        return False
    before = pieces[at - 1] if at else None
    if before is None:
        return True
    if before.kind in ("+", "*", "/", "-", ")") or (before.kind == "other" and before.word in "^<>~|\\"):
        return False
    return not (before.end == pieces[at].start and before.kind == "word")


def _side_at(pieces: list[_Piece], at: int) -> tuple[_Side, int]:
    """The expression that begins at `at`, units left out, and where it ends. Empty where there is none."""
    side: _Side = []
    units: set[str] = set()
    depth = deepest = 0
    while at < len(pieces):
        piece = pieces[at]
        wants = not side or side[-1].kind in ("+", "-", "*", "/", "(")
        if piece.kind == "number" and wants:
            side.append(piece)
        elif piece.kind == "(" and wants:
            depth += 1
            deepest = max(deepest, depth)
            side.append(piece)
        elif piece.kind == "-" and wants and (not side or side[-1].kind == "("):
            side += [_Piece("number"), piece]
        elif piece.kind in ("+", "-", "*", "/") and not wants:
            side.append(piece)
        elif piece.kind == ")" and not wants and depth:
            depth -= 1
            side.append(piece)
        elif piece.kind == "word" and side and not wants and _is_unit(pieces, at):
            units.add(piece.word.rstrip("s"))
        else:
            break
        at += 1
    if depth or deepest > _DEEPEST or (side and side[-1].kind in ("+", "-", "*", "/", "(")):
        return [], at
    sums = any(piece.kind in ("+", "-") for piece in side)
    return ([], at) if sums and len(units) > 1 else (side, at)


def _is_unit(pieces: list[_Piece], at: int) -> bool:
    """`apples` in `12 apples + 7 apples`: a word between a number and an operator or an equals sign."""
    word = pieces[at].word
    if len(word) < 2 or word in _COUNTS or pieces[at].word.startswith("\\"):
        return False
    follows = pieces[at + 1] if at + 1 < len(pieces) else None
    return pieces[at - 1].kind == "number" and follows is not None and follows.kind in ("+", "-", "*", "/", "=", ")")


def _operators(side: _Side) -> int:
    return sum(piece.kind in ("+", "-", "*", "/") for piece in side)


def _value(side: _Side) -> Fraction | None:
    """What an expression comes to; `None` where it cannot be said. Sums of products of numbers and brackets."""
    value, at = _sum(side, 0)
    return value if at == len(side) else None


def _sum(side: _Side, at: int) -> tuple[Fraction | None, int]:
    total, at = _product(side, at)
    while total is not None and at < len(side) and side[at].kind in ("+", "-"):
        sign = side[at].kind
        term, at = _product(side, at + 1)
        if term is None:
            return None, at
        total = total + term if sign == "+" else total - term
    return total, at


def _product(side: _Side, at: int) -> tuple[Fraction | None, int]:
    value, at = _atom(side, at)
    while value is not None and at < len(side) and side[at].kind in ("*", "/"):
        sign = side[at].kind
        factor, at = _atom(side, at + 1)
        if factor is None or (sign == "/" and not factor):
            return None, at
        value = value * factor if sign == "*" else value / factor
    return value, at


def _atom(side: _Side, at: int) -> tuple[Fraction | None, int]:
    if at >= len(side):
        return None, at
    piece = side[at]
    if piece.kind == "number":
        return (piece.value / 100 if piece.is_percent else piece.value), at + 1
    if piece.kind != "(":
        return None, at
    value, at = _sum(side, at + 1)
    if value is None or at >= len(side) or side[at].kind != ")":
        return None, at
    return value, at + 1


def _holds(left: Fraction, right: Fraction, mine: _Side, other: _Side, *, is_loose: bool) -> bool:
    if left == right:
        return True
    shown = other if len(other) == 1 else mine  # the side that may have been rounded
    if len(shown) != 1:
        return False
    decimals = shown[0].decimals + (2 if shown[0].is_percent else 0)
    return _agree(right, left, decimals) or (is_loose and abs(left - right) < 1)


def _agree(shown: Fraction, exact: Fraction, decimals: int) -> bool:
    """Equal, or rounded or cut off at the decimals shown."""
    if shown == exact:
        return True
    if exact.denominator == 1:
        return False
    return abs(shown - exact) < Fraction(1, 10**decimals)


def _pieces(text: str) -> list[_Piece]:
    text = _BOLD.sub(" ", text[:_LONGEST])
    out: list[_Piece] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        number, word, mark = match["number"], match["word"], match["mark"]
        if number is not None:
            out.append(_number(number, match["percent"] is not None, start, end))
        elif word is not None:
            _add_word(out, word.lower(), start, end)
        elif mark is not None and mark in _EQUALS:
            out.append(_Piece("=", word=mark, start=start, end=end))
        elif mark is not None:
            out.append(_Piece(_OPERATORS.get(mark, mark), word=mark, start=start, end=end))
        else:
            out.append(_Piece("other", word=match["other"], start=start, end=end))
    return out


def _number(text: str, is_percent: bool, start: int, end: int) -> _Piece:
    digits = text.replace(",", "")
    is_code = digits[0] == "0" and digits[1:2].isdigit()  # part of a date, or of a telephone number
    if is_code or len(digits) > _MOST_DIGITS:
        return _Piece("other", word="#", start=start, end=end)
    return _Piece("number", Fraction(digits), len(digits.partition(".")[2]), is_percent, start=start, end=end)


def _add_word(out: list[_Piece], word: str, start: int, end: int) -> None:
    """A word: an operator where one can stand, a sign of equality, or just a word."""
    last = out[-1] if out else None
    after_number = last is not None and last.kind in ("number", ")")
    if word in _BY and last is not None and last.word in _DIVIDED:
        kind = "*" if last.word.startswith("multi") else "/"
        out[-1] = _Piece(kind, word=word, start=last.start, end=end)
    elif word in _OF and last is not None and last.kind == "number" and last.is_percent:
        out.append(_Piece("*", word=word, start=start, end=end))
    elif word in _SAYS_EQUALS and after_number:
        out.append(_Piece("is", word=word, start=start, end=end))
    elif word in ("to", "à", "gleich", "igual", "égal", "equal") and last is not None and last.kind == "is":
        out[-1] = last._replace(end=end)
    elif word in _OPERATORS and after_number:
        out.append(_Piece(_OPERATORS[word], word=word, start=start, end=end))
    else:
        out.append(_Piece("word", word=word, start=start, end=end))
