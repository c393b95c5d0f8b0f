"""The proof that a body is masked: it was scanned again with its placeholders, and nothing was left to mask.

A `MaskedBody` is made here and nowhere else, so whoever holds one need not take anybody's word for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from router.clearance import Clearance
from router.content import Content, content_of
from router.masking.masker import UnmaskableError, mask
from router.masking.placeholder import PLACEHOLDER, name_of
from router.masking.restorer import has_escapes
from router.sensitivity.finding import Finding, Scan

_SEAL = object()

Judge = Callable[[Content, Scan], tuple[Clearance, Sequence[Finding]]]
"""How far content with these findings may travel, and which of them may do so only as placeholders."""


@dataclass(frozen=True, slots=True, repr=False)
class MaskedBody:
    """A body with placeholders, and what they stand for, by name in capitals (`PERSON_1`).

    It lives as long as its request, and must not be logged or kept. `clearance` is that of the original; `counts` says
    how many different values of each type there are (`EMAIL:1,PERSON:2`), and no more.
    """

    body: Mapping[str, Any]
    values: Mapping[str, str]
    types: Mapping[str, int]
    clearance: Clearance
    escapes: bool  # a value is written otherwise in JSON than in text
    seal: object = field(compare=False)

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise UnmaskableError("seal")

    @property
    def counts(self) -> str:
        return ",".join(f"{name}:{count}" for name, count in sorted(self.types.items()))


def masked_body(
    body: Mapping[str, Any],
    content: Content,
    findings: Sequence[Finding],
    clearance: Clearance,
    scan: Callable[[Content], Scan],
    judge: Judge,
) -> MaskedBody:
    """The body with `findings` masked, proven by a second look. Raises `UnmaskableError`.

    What is found in nothing but placeholders is not counted: `password: <PASSWORD_1>` still looks like a password.
    """
    if not findings:
        return MaskedBody(body, {}, {}, clearance, False, _SEAL)  # as it is; the first look has shown that
    masked = mask(body, content, findings)
    names = frozenset(masked.values)
    again = content_of(masked.body)
    second = scan(again)
    texts = [segment.text for segment in again.segments]
    real = tuple(finding for finding in second.findings if not _is_placeholders(texts[finding.segment], finding, names))
    now, left = judge(again, Scan(real, second.failed))
    if left or now.join(clearance) != clearance:
        raise UnmaskableError("rescan")
    return MaskedBody(masked.body, masked.values, masked.types, clearance, has_escapes(masked.values), _SEAL)


def _is_placeholders(text: str, finding: Finding, names: frozenset[str]) -> bool:
    """Whether no letter and no digit of what was found lies outside of placeholders."""
    position = finding.start
    for match in PLACEHOLDER.finditer(text):
        if name_of(match) not in names or match.end() <= position:
            continue
        if match.start() >= finding.end:
            break
        if any(sign.isalnum() for sign in text[position : match.start()]):
            return False
        position = match.end()
    return not any(sign.isalnum() for sign in text[position : finding.end])
