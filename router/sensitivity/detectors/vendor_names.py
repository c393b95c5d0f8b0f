"""Values behind a vendor's name: `datadog_api: 3f…`, `"heroku": "…"`. Many keys have no form but thirty-two digits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Prefix, Span
from router.sensitivity.detectors.identifiers import is_identifier
from router.sensitivity.entropy import entropy, is_placeholder
from router.sensitivity.lexicon import read
from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

_VENDORS, _AMBIGUOUS = read("vendors")
_HOSTS_OF_CODE = "bitbucket docker github gitea gitlab npm pypi sentry sonar google aws azure sourcegraph"
# Of these, a bare hexadecimal string is as likely a commit, a digest or an event.
_HASHING = frozenset(_HOSTS_OF_CODE.split())
_KEY_NAMES = (
    "api|key|token|secret|auth|access|client|pass|pwd|cred|app|sid|account|personal|private|pat|org|user|service|server|"
    "sdk|rest|write|read|live|prod|test|dev"
)
# What is assigned and has a digit. Few states: it reads all of a text.
_ASSIGNED = Pattern(r"(?:[=:,]|->)[ \t]*[\"'`]?([A-Za-z_+/=.~-]*[0-9][A-Za-z0-9_+/=.~-]{6}[A-Za-z0-9_+/=.~-]*)")
_VENDOR = Pattern("|".join(sorted(_VENDORS, reverse=True)), 1 << 20)  # so many: with less, it starts again and again
_LEAST, _MOST = 16, 160  # characters of a key
# Ends where the value begins: a vendor, the rest of a name, an operator.
_NAMED = re.compile(
    rf"(?<![a-z])(?P<vendor>{'|'.join(sorted(_VENDORS, reverse=True))})"
    rf"(?P<rest>(?:(?:{_KEY_NAMES})[a-z0-9_ .-]{{0,24}}|[0-9_ .-][a-z0-9_ .-]{{0,27}})?)"
    r"[\"'`\])]{0,2}[ \t]{0,4}(?:=|:|:=|=>|->|,)[ \t]{0,4}[\"'`]?\Z"
)
_NAME_REACH = 64  # characters
_KEY_WORD = re.compile(r"key|token|secret|auth|api|pass|pwd|cred|access|client|bearer|sid")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_HEX = re.compile(r"[0-9a-f]+\Z")
# Models, files, versions: words, numbers and short pieces, set apart.
_WORDS = re.compile(r"(?:[A-Za-z]{2,}\d{0,4}|\d+|\w{1,3})(?:[-_./+=~](?:[A-Za-z]+\d{0,4}|\d+|\w{0,3}))*\Z")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,6}(?:[/:].*)?\Z")
_LEAST_ENTROPY, _LEAST_DIGITS = 2.8, 2
_SLASHES = 3
_STEPS = 16  # of the budget


class VendorNameDetector:
    name = "vendor_names"
    triggers = (Prefix(r"[=:,>][ \t]*[\"'`]?[A-Za-z+/_-]*[0-9][A-Za-z0-9+/_]{6}"),)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        size, position, told = len(view.data), 0, False
        view.budget.spend_pass(size)
        while (match := _ASSIGNED.search(view.data, position, size)) is not None:
            _, position, start, end = match
            view.budget.spend()
            if not _LEAST <= end - start <= _MOST:
                continue
            value = view.text[start:end].rstrip(".")
            if not _drawn(value):
                continue
            view.budget.spend(_STEPS if told else 1)
            # Most texts name no vendor at all.
            if not told:
                view.budget.spend_pass(size)
                if _VENDOR.search(view.lower.encode(), 0, size) is None:
                    return
                told = True
            before = view.before(start, _NAME_REACH)
            data = before.encode("ascii", "replace")
            vendor = _VENDOR.search(data, 0, len(data))
            named = None if vendor is None else _NAMED.search(before, vendor[0])
            if named is not None and _fits(value, *named.group("vendor", "rest")) and not is_identifier(value, before):
                yield Span(start, start + len(value), "SECRET", 0.7)


def _drawn(value: str) -> bool:
    """Drawn by chance: no address, no version, no words."""
    if sum(map(str.isdigit, value)) < _LEAST_DIGITS or value.isdigit() or "//" in value:
        return False
    if _WORDS.match(value) is not None or _HOST.match(value) is not None or value.count("/") > _SLASHES:
        return False
    return entropy(value) >= _LEAST_ENTROPY and not is_placeholder(value)


def _fits(value: str, vendor: str, rest: str) -> bool:
    """No commit and no event of that vendor."""
    named = _KEY_WORD.search(rest) is not None
    if vendor in _AMBIGUOUS and not named:
        return False
    if _UUID.match(value.lower()) is not None:
        return named or not rest.strip()
    return named or vendor not in _HASHING or _HEX.match(value) is None


VENDOR_NAMES = VendorNameDetector()
