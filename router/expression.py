"""An expression: a RE2 pattern of the operator's over one text. Linear in the text, bounded in memory and in length."""

from __future__ import annotations

from dataclasses import dataclass, field

import re2

from router.sensitivity.patterns import Pattern, compiled

LONGEST_PATTERN = 1_000  # characters
HEAD_CHARS, TAIL_CHARS = 16_384, 4_096  # of a longer text only both ends are read
_MEMORY = 1 << 20  # bytes; what a bounded repetition of classes of Unicode needs


@dataclass(frozen=True, slots=True)
class Expression:
    """Compiled once, when it is made. Raises `ValueError` for a pattern that is none."""

    pattern: str
    _compiled: Pattern = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if wrong := wrong_expression(self.pattern):
            raise ValueError(f"'{self.pattern}' {wrong}")
        object.__setattr__(self, "_compiled", Pattern(self.pattern, _MEMORY))

    def matches(self, data: bytes) -> bool:
        """Whether it occurs anywhere in the text, which is UTF-8."""
        return self._compiled.search(data, 0, len(data)) is not None


def readable(text: str) -> bytes:
    """What expressions read of a text: all of it, or both ends of a long one."""
    if len(text) > HEAD_CHARS + TAIL_CHARS:
        text = f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"
    return text.encode("utf-8", "replace")


def wrong_expression(pattern: str) -> str:
    """What keeps a text from being an expression, or nothing."""
    if not pattern:
        return "is empty"
    if len(pattern) > LONGEST_PATTERN:
        return f"is longer than {LONGEST_PATTERN} characters"
    try:
        expression = compiled(pattern, _MEMORY)
    except re2.error as error:
        said = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error.args[0])
        return f"is no RE2 pattern: {said.partition(': ')[0]}"  # the rest quotes it
    if expression.search(b"") is not None:
        return "matches the empty text, and so every request"
    return ""
