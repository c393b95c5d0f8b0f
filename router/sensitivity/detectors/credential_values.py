"""Values of credentials: what is a variable, a call, a placeholder, a version or a plain word is no secret."""

from __future__ import annotations

import base64
import binascii
import re
from itertools import pairwise

from router.sensitivity.entropy import classes, entropy, is_placeholder

_CODE_VALUE = re.compile(
    r"[$<{%\[(,=]|0x[0-9A-Fa-f]{1,40}\Z|(?:os|process|env|config|settings|self|this|req|request|args|params|data|user|ctx|"
    r"app|local|var|module|props|event|options|form|body|response|json|str|None|null|nil|undefined|true|false|"
    r"function|lambda|new|get|getenv|"
    r"input|secrets|vault|ENV)(?:[.(\[]|\Z)|"
    r"[A-Za-z_][\w.]*[(\[]|\*+\Z|\.+\Z|"
    r"(?:file|https?|ftp):|/[a-z]+/|:[a-z_]+\Z",
    re.IGNORECASE,
)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+/][\w./-]*)?\Z|\d{1,5}(?::(?:\d{1,5}|in))+\Z|--?[a-z]")  # or an option
_WORD = re.compile(r"[A-Za-z]+(?:[-_.:/][A-Za-z]+)*[.!?:)]?\Z")
# Names of variables, models, files, versions: parts that are words with a number, or short.
_NAME = re.compile(r"(?:[A-Za-z]+\d{0,3}|\d{1,4}|\w{1,3})(?:[-_.:/@+](?:[A-Za-z]+\d{0,3}|\d{1,4}|\w{0,3}))*\Z")
_PARTS = re.compile(r"[-_.:/@]")
_LICENCE = re.compile(r"(?:[A-Z0-9]{5}(?:-[A-Z0-9]{5}){2,7}|[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3,7})\Z")


def is_key(value: str) -> bool:
    """A machine's secret: long enough, more than words, spread like chance."""
    if _LICENCE.match(value) is not None:
        return not is_placeholder(value)
    if (
        len(value) < 10
        or _CODE_VALUE.match(value) is not None
        or is_placeholder(value)
        or _WORD.match(value) is not None
        or _NAME.match(value) is not None
    ):
        return False
    kinds = classes(value)
    has_digit = any(map(str.isdigit, value))
    return has_digit and (kinds >= 2 or len(value) >= 24) and entropy(value) >= 2.6


def is_password(value: str) -> bool:
    """A person's: shorter, but no plain word, no variable."""
    if (
        len(value) < 5
        or _CODE_VALUE.match(value) is not None
        or _VERSION.match(value) is not None
        or is_placeholder(value)
    ):
        return False
    if _WORD.match(value.rstrip("!?.")) is not None:
        # No digit, no sign: only what mixes its letters as no word does.
        return len(value) >= 16 and value.isalpha() and _mixed(value) >= 5
    return classes(value) >= 2 and entropy(value) >= 1.9


def _mixed(value: str) -> int:
    """How often an upper case letter stands behind a lower case one."""
    return sum(a.islower() and b.isupper() for a, b in pairwise(value))


def is_login(value: str) -> bool:
    """RFC 7617: base64 of `user:password`."""
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4))
    except binascii.Error:
        return is_key(value)
    return b":" in decoded or is_key(value)


def one_piece(value: str) -> bool:
    """One long part that mixes letters and digits."""
    part = max(_PARTS.split(value), key=len)
    return len(part) >= 12 and part.isalnum() and sum(map(str.isdigit, part)) >= 2 and not part.isdigit()


def is_name(value: str) -> bool:
    """A variable's, a model's, a file's: words with a number, a version."""
    return _NAME.match(value) is not None
