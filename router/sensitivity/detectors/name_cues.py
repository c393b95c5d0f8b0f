"""Names in lower case: what a hurried hand writes behind "my name is". Folded; English, French, German, Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.sensitivity.view import View

STRONG_TRIGGER = (
    r"(?i)\b(?:my name is|name's|call me|je m'appelle|ich heise|ich heisse|mein name ist|me llamo|mi nombre es)\b"
)

_LOWER_NAME = re.compile(
    r"\b(?:my name is|people call me|call me|je m'appelle|ich hei(?:ss|s)e|mein name ist|me llamo|mi "
    r"nombre es) ([a-z][a-z'-]{2,20}(?: [a-z][a-z'-]{2,20})?)"
)
_NO_LOWER_NAME = re.compile(
    r"(?:a|also|an|and|anytime|appearing|as|asap|at|back|but|changed|common|crazy|for|if|in|incorrect|later|"
    r"listed|maybe|misspelled|my|not|now|on|or|rare|showing|spelled|still|the|today|tomorrow|under|when|"
    r"written|wrong|your)\Z"
)


def lower_case_names(view: View) -> Iterator[tuple[int, int]]:
    """ "my name is vitoria": what a hurried hand writes."""
    lower = view.lower
    if not any(word in lower for word in ("name is", "call me", "m'appelle", "ich hei", "llamo", "nombre es")):
        return
    for match in _LOWER_NAME.finditer(lower):
        first = match.group(1).split()[0]
        if _NO_LOWER_NAME.match(first) is None and view.text[match.start(1)].islower():
            yield match.start(1), match.start(1) + len(first)
