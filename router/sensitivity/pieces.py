"""Pieces: a value broken up by what a program or a browser takes out again — quotes and commas, tags, comments, marks.

`["4970", "1012", …]`, `s += "…"`, `4970<b>1012</b>`, `4970/**/1012`. Two values side by side look the same, so what is
put together counts only where it reaches over a joint and proves itself, by its form or a checksum; where the name of a
field stands between, a word has to say what it is as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from router.sensitivity.detector import Span
from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

_QUOTE = r"\\{0,3}[\"'`]"
_FIELD = rf"{_QUOTE} ?, ?{_QUOTE}[A-Za-z_]\w{{0,19}}{_QUOTE} ?: ?{_QUOTE}"
_JUNK = Pattern(
    rf"({_FIELD})"
    rf"|{_QUOTE}\)? ?(?:[+.,&]|\|\|)? ?(?:\\?\n {{0,8}})?(?:[a-z_]\w{{0,15}} ?[+.]?= ?|\( ?)?{_QUOTE}"
    rf"|\$?\{{{_QUOTE}|{_QUOTE}\}}"
    r"|</?[A-Za-z][^<>\n]{0,40}>|<!--[^<>\n]{0,20}-->|/\*[^*\n]{0,20}\*/"
    r"|\*\*|__|``|~~|\{\}|\]\[|\\[0-9]|=\n",
    1 << 20,  # so many signs: with less, it starts again and again
)
_SIGN = r"[A-Za-z0-9@.+ -]"
TRIGGER: str = (
    rf"{_SIGN}(?:"
    r"[\"'`]\\?\n *[\"'`a-z_]|\\?[\"'`]\)? ?(?:[,&+.]|\|\|) ?\\?[\"'`]|[\"'`] ?\( ?[\"'`]"
    r"|\$?\{[\"'`]|</?[A-Za-z][^<>\n]*>|<!--|/\*[^*\n]*\*/|\*\*|__|``|~~|\{\}|\]\[|\\[0-9]|=\n"
    rf"){_SIGN}"
)
_JOINT = 2  # steps
_TOLD = 64  # characters with digits among them that are read in a step
_SHORT = 28  # characters of a piece between two joints
_DIGITS_FROM = 6
_ADDRESS = 240  # characters around an @ in which the pieces of an address may stand
_NO_DIGITS = {ord(digit): None for digit in "0123456789"}
# Digits and signs of addresses as they are, anything else a blank; so many blanks end a place where values may stand.
_TOLD_APART = bytes(sign if sign in b"0@" else ord("0") if sign in b"123456789" else ord(" ") for sign in range(256))
_GAP = b" " * (2 * _SHORT + 1)
_PROVEN = {"IBAN": 0.9, "EMAIL": 0.9, "CREDIT_CARD": 0.8, "NATIONAL_ID": 0.75, "PHONE": 0.85}
_KEYED = 0.9
# Detectors of other types: what they find in pieces proves nothing, so they need not look.
PROVE_NOTHING = frozenset(
    ("names", "addresses", "birth", "health", "classification", "special_categories", "credentials", "secrets")
).union(
    ("random_tokens", "vendor_names", "spoken_secrets", "command_lines", "private_keys", "password_hashes", "network"),
    ("wallets", "bic"),
)


class Run(list[tuple[int, int]]):
    """Places that hold nothing of a value, between pieces that may be one. `keyed`: with names of fields in them."""

    keyed = False


def runs(view: View) -> Iterator[Run]:
    data, done = view.data, 0
    for first, last, address in telling(data):
        view.budget.spend((last - first) // _TOLD)
        reach = _ADDRESS if address else _SHORT
        start, done = max(done, first - reach), min(len(data), last + reach)
        yield from _runs(view, start, done)


def telling(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where digits enough are never further apart than a piece is long, or an @ is: only there may a value stand in
    pieces. And whether an @ is there."""
    position = 0
    for part in data.translate(_TOLD_APART).split(_GAP):
        told = part.lstrip(b" ")
        if told:
            first = position + len(part) - len(told)
            told = told.rstrip(b" ")
            signs = told.count(b"@")
            if signs + told.count(b"0") >= _DIGITS_FROM:
                yield first, first + len(told), signs > 0
            elif signs:
                at = told.find(b"@")
                while at >= 0:
                    yield first + at, first + at + 1, True
                    at = told.find(b"@", at + 1)
        position += len(part) + len(_GAP)


def _runs(view: View, first: int, last: int) -> Iterator[Run]:
    run = Run()
    for start, end, of_field, _ in _JUNK.each(view.data, first, last):
        view.budget.spend(_JOINT)
        if run and start - run[-1][1] > _SHORT:
            if _worth(view.text, run):
                yield run
            run = Run()
        run.append((start, end - 1 if view.text[end - 1].isdigit() else end))
        run.keyed |= of_field >= 0
    if run and _worth(view.text, run):
        yield run


def _digits_in(text: str) -> int:
    return len(text) - len(text.translate(_NO_DIGITS))


def _worth(text: str, run: Run) -> bool:
    """Whether there are digits enough, in two pieces at least, or an @."""
    position, pieces, digits = max(0, run[0][0] - _SHORT), 0, 0
    for start, end in (*run, (run[-1][1] + _SHORT, 0)):
        piece = text[position:start]
        if "@" in piece:
            return True
        count = _digits_in(piece)
        pieces += count > 0
        digits += count
        position = end
    return pieces > 1 and digits >= _DIGITS_FROM


def floor(keyed: bool) -> float:
    """How sure a finding must be that was put together."""
    return _KEYED if keyed else 0.0


def proves(span: Span, view: View) -> bool:
    """Whether a finding in a text that was put together reaches over a joint and tells enough."""
    least = _PROVEN.get(span.type)
    if least is None or span.confidence < max(least, view.floor):
        return False
    return any(span.start < joint < span.end for joint in view.joints)
