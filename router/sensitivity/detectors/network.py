"""Network and place: IP and MAC addresses, exact coordinates."""

from __future__ import annotations

import re

from router.sensitivity.cues import Cue
from router.sensitivity.detector import Shape
from router.sensitivity.rule import Rule, RuleDetector

_IPV6_HEAD = re.compile(r"[23][0-9a-f]{3}\Z|f[cde][0-9a-f]{2}\Z")


def _public_ip(text: str) -> bool:
    """A host's address: not a netmask, not loopback or unspecified, not documentation's favourites."""
    parts = [int(part) for part in text.split(".")]
    if any(part > 255 for part in parts):
        return False
    if parts[0] in (0, 127, 255) or parts in ([8, 8, 8, 8], [8, 8, 4, 4], [1, 1, 1, 1], [9, 9, 9, 9]):
        return False
    if parts[:3] in ([192, 0, 2], [198, 51, 100], [203, 0, 113]):  # RFC 5737
        return False
    return (
        not (parts[0] == 10 or parts[:2] == [192, 168] or (parts[0] == 172 and 16 <= parts[1] <= 31)) and parts[0] < 240
    )


def _any_ip(text: str) -> bool:
    parts = [int(part) for part in text.split(".")]
    return all(part < 256 for part in parts) and parts[0] not in (0, 127, 255) and parts[0] < 240


def _ipv6(text: str) -> bool:
    """A whole address, or a shortened one that is global, unique or link local; not documentation's (RFC 3849)."""
    groups = text.lower().split(":")
    full = [group for group in groups if group]
    if groups[:2] == ["2001", "db8"] or not any(any(map(str.isdigit, group)) for group in full):
        return False
    if "::" not in text:
        return len(full) == 8
    return text.count("::") == 1 and 3 <= len(full) < 8 and _IPV6_HEAD.match(groups[0]) is not None


def _mac(text: str) -> bool:
    return len(set(text.lower())) > 4


def _dotted_mac(text: str) -> bool:
    """As switches write it: not the thousands of a sum, not words."""
    return _mac(text) and any(map(str.isalpha, text)) and any(map(str.isdigit, text))


_DEGREES = r"\d{1,3}(?:\.\d{4,8})? ?\? ?(?:\d{1,2} ?' ?(?:\d{1,2}(?:\.\d{1,4})? ?[\"']{1,2})? ?)?"
_V4 = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
NETWORK = RuleDetector(
    "network",
    (
        Rule("IP", _V4, 0.6, _public_ip, Cue.HOST, cued=0.9, contrary=0.5),
        Rule(
            "IP",
            r"(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|[23f][0-9A-Fa-f]{2,3}:(?:[0-9A-Fa-f]{0,4}:){1,7}[0-9A-Fa-f]{1,4}",
            0.7,
            _ipv6,
            trigger=r":[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{0,4}:|[0-9A-Fa-f]{3,4}::[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}",
        ),
        Rule("MAC", r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", 0.85, _mac, contrary=0.7),
        Rule("MAC", r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}", 0.7, _dotted_mac),
        Rule(
            "LOCATION",
            r"-?\d{1,2}\.\d{4,8}[, ;]{1,3}-?\d{1,3}\.\d{4,8}",
            0.4,
            None,
            Cue.PLACE,
            cued=0.8,
            trigger=r"\d\.\d{4,8}[, ;]",
        ),
        # 48°51'24.3"N 2°21'08.0"E, the sign of degrees folded to a question mark
        Rule(
            "LOCATION",
            rf"{_DEGREES}[NSns][, ]{{0,3}}{_DEGREES}[EWOewo]",
            0.4,
            None,
            Cue.PLACE,
            cued=0.8,
            trigger=r"\d ?\? ?[0-9NSns]",
        ),
    ),
    Shape,
)
