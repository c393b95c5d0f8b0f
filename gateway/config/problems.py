"""Problems: what is wrong with a configuration, where, and what to do about it. All of them are reported at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""The way to a setting from the top of the file: names, and positions in lists from 0."""


def dotted(path: Path) -> str:
    """`("keys", 0, "name")` is written `keys[0].name`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One line for people. It never holds a value that came from the environment, nor a secret."""

    file: str
    line: int | None  # from 1; None: no line of the file is to blame
    column: int | None  # from 1
    path: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        said = f"{self.path}: {self.message}" if self.path else self.message
        return f"{place}: {said}; {self.remedy}" if self.remedy else f"{place}: {said}"


class ConfigurationError(Exception):
    """The configuration cannot be used. `problems` holds everything that was found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
