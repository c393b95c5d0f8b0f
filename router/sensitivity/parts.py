"""Parts: numbers that only look like an identifier because they are a piece of something longer.

Digits behind a decimal point, groups of a UUID, pairs of a fingerprint, the tail of a name, a time behind a number.
"""

from __future__ import annotations

import re

# What stands before the digits of a longer number: a decimal point, another group of a UUID, the rest of a name.
_FRACTION = re.compile(r"(?:^|[^0-9.])[0-9]{1,3}\.\Z")
_HEX_GROUP = re.compile(r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{4,13}[-_]\Z")
_DECIMAL = re.compile(r"[0-9]{1,3}\.[0-9]{12,}\Z")
_WITH_TIME = re.compile(r"[0-9] 1[4-9][0-9]{11}\Z")  # a number, and a time in milliseconds
# The rest of a fingerprint, on either side.
_PAIR_BEHIND = re.compile(r"(?::|-[0-9A-Fa-f]{2}-)[0-9A-Fa-f]{2}(?![0-9A-Za-z])")
_PAIR_BEFORE = re.compile(r"[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]\Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_UUID_SIZE = 36  # characters
_SMALL_LETTER = re.compile("[a-z]")
_GROUP = 14  # characters: a group of a UUID, and what stands before it
_FRACTION_FROM = 12  # digits
_SNOWFLAKE = 17  # digits, at least: ids that begin with a time; cards have 16
_ID_BEFORE = re.compile(r"[iI][dD]\\?[\"']?\s{0,2}[:=]\s{0,2}\\?[\"']?\Z")


def is_part(text: str, start: int, end: int) -> bool:
    """Whether a candidate is a part of a hexadecimal id, the digits behind a point, or the tail of a name."""
    sign, found = text[start - 1] if start else " ", text[start:end]
    if "." in found[1:4] and _DECIMAL.match(found) is not None:
        return True
    if " 1" in found and _WITH_TIME.search(found) is not None:
        return True
    if text[end : end + 1] in (":", "-") and _PAIR_BEHIND.match(text, end) is not None:
        return True
    if sign in ":-" and _PAIR_BEFORE.search(text, max(0, start - 6), start) is not None:
        return True
    digits = found.isdigit()
    if digits and len(found) >= _SNOWFLAKE and _ID_BEFORE.search(text, max(0, start - _GROUP), start) is not None:
        return True
    if sign == ".":
        long = len(found) >= _FRACTION_FROM and digits
        return long and _FRACTION.search(text, max(0, start - 5), start) is not None
    if sign == "_" and _SMALL_LETTER.search(found) is not None:
        return True
    if sign in "-_" and _HEX_GROUP.search(text, max(0, start - _GROUP), start) is not None:
        return True
    uuid = _UUID.search(text, max(0, start - _UUID_SIZE), end + _UUID_SIZE) if "-" in text[start : end + 1] else None
    return uuid is not None and uuid.start() <= start and end <= uuid.end()
