"""Network and place: IP and MAC addresses, exact coordinates."""

from __future__ import annotations

from router.sensitivity.cues import Cue
from router.sensitivity.detector import Shape
from router.sensitivity.rule import Rule, RuleDetector


def _public_ip(text: str) -> bool:
    """A host's address: not a netmask, not loopback or unspecified, not documentation's favourites."""
    parts = [int(part) for part in text.split(".")]
    if any(part > 255 for part in parts):
        return False
    if parts[0] in (0, 127, 255) or parts in ([8, 8, 8, 8], [8, 8, 4, 4], [1, 1, 1, 1], [9, 9, 9, 9]):
        return False
    return (
        not (parts[0] == 10 or parts[:2] == [192, 168] or (parts[0] == 172 and 16 <= parts[1] <= 31)) and parts[0] < 240
    )


def _any_ip(text: str) -> bool:
    parts = [int(part) for part in text.split(".")]
    return all(part < 256 for part in parts) and parts[0] not in (0, 127, 255) and parts[0] < 240


_V6_GROUPS = 8


def _ipv6(text: str) -> bool:
    """Eight groups, or fewer and a gap: four of digits are a date and a time."""
    groups = [group for group in text.split(":") if group]
    whole = len(groups) == _V6_GROUPS or ("::" in text and 4 <= len(groups) < _V6_GROUPS)
    return whole and any(any(char.isdigit() for char in group) for group in groups)


def _mac(text: str) -> bool:
    return len(set(text.lower())) > 4


_V4 = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
NETWORK = RuleDetector(
    "network",
    (
        Rule("IP", _V4, 0.6, _public_ip, Cue.HOST, cued=0.9, contrary=0.5),
        Rule(
            "IP",
            r"(?:[0-9A-Fa-f]{1,4}:){3,7}(?::?[0-9A-Fa-f]{1,4}){1,4}",
            0.7,
            _ipv6,
            trigger=r":[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:",
        ),
        Rule("MAC", r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", 0.85, _mac),
        Rule(
            "LOCATION",
            r"-?\d{1,2}\.\d{4,8}[, ;]{1,3}-?\d{1,3}\.\d{4,8}",
            0.4,
            None,
            Cue.PLACE,
            cued=0.8,
            trigger=r"\d\.\d{4,8}[, ;]",
        ),
    ),
    Shape,
)
