"""Word lists, one a file: lower case, accents folded, whitespace between words, `#` starts a comment line.

Written for this project. A trailing `?` marks a word that is as often something else (Mark, Rose, Paris).
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def read(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of list `name`, and those among them that are ambiguous."""
    text = (_HERE / f"{name}.txt").read_text(encoding="utf-8")
    words = [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
    return frozenset(word.rstrip("?") for word in words), frozenset(word[:-1] for word in words if word.endswith("?"))
