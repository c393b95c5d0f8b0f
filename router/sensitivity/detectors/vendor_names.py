"""Values behind a vendor's name: `datadog_api: 3f…`, `"heroku": "…"`. Many keys have no form but thirty-two digits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Prefix, Span
from router.sensitivity.detectors.identifiers import is_identifier
from router.sensitivity.entropy import entropy, is_placeholder
from router.sensitivity.lexicon import read
from router.sensitivity.patterns import compiled
from router.sensitivity.view import View

_VENDORS, _AMBIGUOUS = read("vendors")
_HOSTS_OF_CODE = "bitbucket docker github gitea gitlab npm pypi sentry sonar google aws azure sourcegraph"
# Of these, a bare hexadecimal string is as likely a commit, a digest or an event.
_HASHING = frozenset(_HOSTS_OF_CODE.split())
_KEY_NAMES = (
    "api|key|token|secret|auth|access|client|pass|pwd|cred|app|sid|account|personal|private|pat|org|user|service|server|"
    "sdk|rest|write|read|live|prod|test|dev"
)
_VALUE = r"[A-Za-z0-9_+/=.~-]"
_ASSIGNED = compiled(
    rf"(?:^|[^a-z])({'|'.join(sorted(_VENDORS))})((?:(?:{_KEY_NAMES})[a-z0-9_ .-]{{0,24}}|"
    rf"[0-9_ .-][a-z0-9_ .-]{{0,27}})?)"
    rf"[\"'`\])]{{0,2}}[ \t]{{0,4}}"
    rf"(?:=|:|:=|=>|->|,)[ \t]{{0,4}}[\"'`]?({_VALUE.replace('A-Z', '')}{{16,160}})"
)
_VENDOR_GROUP, _REST_GROUP, _VALUE_GROUP = 1, 2, 3
_KEY_WORD = re.compile(r"key|token|secret|auth|api|pass|pwd|cred|access|client|bearer|sid")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_HEX = re.compile(r"[0-9a-f]+\Z")
# Models, files, versions: words, numbers and short pieces, set apart.
_WORDS = re.compile(r"(?:[A-Za-z]{2,}\d{0,4}|\d+|\w{1,3})(?:[-_./+=~](?:[A-Za-z]+\d{0,4}|\d+|\w{0,3}))*\Z")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,6}(?:[/:].*)?\Z")
_LEAST_ENTROPY, _LEAST_DIGITS = 2.8, 2
_STEPS = 8  # of the budget


class VendorNameDetector:
    name = "vendor_names"
    triggers = (Prefix(r"[=:,>][ \t]{0,4}[\"'`]?[A-Za-z0-9_+/=.~-]{16}"),)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        del hits
        for match in _ASSIGNED.finditer(view.lower.encode()):
            view.budget.spend(_STEPS)
            start, end = match.span(_VALUE_GROUP)
            value = view.text[start:end].rstrip(".")
            vendor, rest = match.group(_VENDOR_GROUP).decode(), match.group(_REST_GROUP).decode()
            if _is_key(vendor, rest, value) and not is_identifier(value, view.before(start)):
                yield Span(start, start + len(value), "SECRET", 0.7)


def _is_key(vendor: str, rest: str, value: str) -> bool:
    """Drawn by chance, and no address, version, commit or event."""
    if sum(char.isdigit() for char in value) < _LEAST_DIGITS or value.isdigit() or is_placeholder(value):
        return False
    named = _KEY_WORD.search(rest) is not None
    if vendor in _AMBIGUOUS and not named:
        return False
    if _UUID.match(value.lower()) is not None:
        return named or not rest.strip()
    if _HEX.match(value) is not None and vendor in _HASHING and not named:
        return False
    if _WORDS.match(value) is not None or _HOST.match(value) is not None or "//" in value or value.count("/") > 3:
        return False
    return entropy(value) >= _LEAST_ENTROPY


VENDOR_NAMES = VendorNameDetector()
