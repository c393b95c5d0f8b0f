"""Findings: sensitive spans in the content — entity type, segment, offsets, confidence; never the text itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Finding(NamedTuple):
    """`start` and `end` are character offsets into the original text of segment number `segment`."""

    segment: int
    start: int
    end: int
    type: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found, in order of appearance, and which detectors could not do their work.

    A name in `failed` means doubt, and doubt means the content stays local. `more`: it looked no further, since what it
    has found settles how far the content may travel; there are at least so many.
    """

    findings: tuple[Finding, ...]
    failed: tuple[str, ...] = ()
    more: bool = False
