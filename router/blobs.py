"""Blobs: data written as base64 or hexadecimal, long enough to be a picture, a recording or a file.

Nobody can read them, so they count as unreadable. What turns out to be text is left to the scanner, which decodes it.
"""

from __future__ import annotations

import base64
import binascii
import re
import string
from typing import Final

BLOB_FROM: Final = 512
"""Characters. Shorter ones are left to the scanner."""

_STRIDE = BLOB_FROM // 2  # a run of `BLOB_FROM` reaches from one of these places to the next, wherever it begins
_WORD = 48  # characters without a blank: longer than nearly all words
_READ = 256  # characters that are decoded, to see whether they are text
_SIGNS = string.ascii_letters + string.digits + "+/_-"
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{512,}={0,2}\s*\Z")
_END = re.compile(r"[^A-Za-z0-9+/_-]")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")


def is_blob(text: str) -> bool:
    """A long run of base64 and nothing else. One case or digits only is no base64: that is text, and scanned."""
    if " " in text[:128] or _BLOB.match(text) is None:
        return False
    return not text.isdigit() and text.lower() != text != text.upper()


def holds_blob(text: str) -> bool:
    """Whether a long run of base64 or hexadecimal stands in the text that is not text itself. Prose is only glanced at:
    the time is that of looking for a blank every 256 characters.
    """
    at, size = _STRIDE, len(text)
    while at < size:
        word = text[at : at + _WORD]
        if " " in word or "\n" in word:
            at += _STRIDE
            continue
        before = text[max(0, at - BLOB_FROM) : at]
        start = at - len(before) + len(before.rstrip(_SIGNS))
        match = _END.search(text, at)
        end = match.start() if match else size
        if end - start >= BLOB_FROM and _is_data(text[start:end]):
            return True
        at = max(end, at + _STRIDE)
        at += -at % _STRIDE
    return False


def _is_data(run: str) -> bool:
    """Base64 has both cases and digits, hexadecimal letters and digits; other runs are words, rules or numbers."""
    read = run[:_READ]
    try:
        if _HEX.match(run) is not None:
            return not run.isdigit() and not run.isalpha() and not _is_text(bytes.fromhex(read))
        if run.lower() == run or run.upper() == run or not any(char.isdigit() for char in read):
            return False
        return not _is_text(base64.b64decode(read.replace("-", "+").replace("_", "/")))
    except (ValueError, binascii.Error):
        return True


def _is_text(data: bytes) -> bool:
    text = data.decode("utf-8", "replace").rstrip("\ufffd")  # the last character may be cut
    return all(char.isprintable() or char.isspace() for char in text) and "\ufffd" not in text
