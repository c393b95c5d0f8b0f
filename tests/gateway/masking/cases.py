"""Masked bodies for tests of what brings values back."""

from __future__ import annotations

from collections.abc import Sequence

from router.clearance import ANY, Clearance
from router.content import Content, content_of
from router.masking.proof import MaskedBody, masked_body
from router.sensitivity.finding import Finding, Scan
from tests.router.masking.cases import chat, found_in

MASKED = Clearance.parse("masked")


def masking_of(**words: str) -> MaskedBody:
    """The values by the type that their placeholder has: `PERSON="Ann"` is `<PERSON_1>`."""
    types = {value: name for name, value in words.items()}
    body = chat("\n\n".join(types))
    content = content_of(body)

    def judge(content: Content, scan: Scan) -> tuple[Clearance, Sequence[Finding]]:
        del content, scan
        return ANY, ()

    return masked_body(body, content, found_in(content, types), MASKED, lambda _: Scan(()), judge)
