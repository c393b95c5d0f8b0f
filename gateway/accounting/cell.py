"""Cell: a text as a cell of CSV that people open in a spreadsheet."""

from __future__ import annotations

from typing import Final

_BEGINS: Final = tuple("=+-@\t\r＝＋－＠")  # the wide ones as Japanese keyboards write them


def as_cell(text: str) -> str:
    """A text that begins like a formula would be carried out as one, and callers choose their tags: it gets an
    apostrophe, by which spreadsheets tell a text. (OWASP, CSV Injection.)"""
    return f"'{text}" if text.startswith(_BEGINS) else text
