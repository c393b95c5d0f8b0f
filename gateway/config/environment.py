"""References to the environment in a configuration's texts: `${NAME}`, `${NAME:-default}`, `${NAME:?message}`.

As in a POSIX shell, `:-` and `:?` also act when the variable is set but empty. `$${` stands for a plain `${`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_REFERENCE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([-?])([^{}]*))?\}|\$\{")


class UnfilledReference(ValueError):
    """A reference that cannot be filled. `remedy` says what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its references filled in, and the names of the variables that it refers to."""

    text: str
    variables: tuple[str, ...]


def fill(text: str, environ: Mapping[str, str]) -> Filled:
    """Replace the references in `text`. Raises `UnfilledReference`; its message names the variable, never a value."""
    variables: list[str] = []

    def replacement(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name, kind, rest = match[1], match[2], match[3]
        if name is None:
            raise UnfilledReference(
                "'${' does not begin a reference",
                "write ${NAME}, ${NAME:-default} or ${NAME:?message}, not nested, or $${ for a plain ${",
            )
        variables.append(name)
        value = environ.get(name)
        if kind is None and value is None:
            raise UnfilledReference(
                f"the environment variable {name} is not set", f"set it, or write ${{{name}:-default}}"
            )
        if kind == "?" and not value:
            raise UnfilledReference(f"the environment variable {name} is not set or empty", rest or "set it")
        return rest if kind == "-" and not value else value or ""

    return Filled(_REFERENCE.sub(replacement, text), tuple(variables))
