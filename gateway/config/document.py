"""The document: the values of a configuration file, and the line and column of every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.config.problems import Path, Problem, dotted


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, both from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """`data` is made of dict, list, str and None. A place is known for every key and value in it."""

    file: str
    data: dict[str, object]
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    variables: dict[Path, tuple[str, ...]] = field(default_factory=dict)
    """Which environment variables a text was filled from."""
    problems: list[Problem] = field(default_factory=list)
    faulty: set[Path] = field(default_factory=set)
    """Where a problem has been found already: what follows from it need not be reported."""
    from_command_line: set[Path] = field(default_factory=set)

    def overridden(self, path: Path) -> None:
        """The value at `path` has been replaced by one of the command line: what the file says there is void."""
        self.from_command_line.add(path)
        self.variables.pop(path, None)
        self.faulty.discard(path)
        self.problems = [problem for problem in self.problems if problem.path != dotted(path)]

    def report(self, path: Path, message: str, remedy: str = "", *, place: Place | None = None) -> None:
        """Note a problem found while reading, at `place` if it is not where the value stands."""
        problem = self.problem(path, message, remedy)
        if place is not None:
            problem = replace(problem, line=place.line, column=place.column)
        self.problems.append(problem)
        self.faulty.add(path)

    def is_faulty(self, path: Path) -> bool:
        """Whether something is known to be wrong with the value at `path`, or with what it stands in."""
        return any(path[:length] in self.faulty for length in range(1, len(path) + 1))

    def problem(self, path: Path, message: str, remedy: str = "", *, at_key: bool = False) -> Problem:
        """A problem with the setting at `path`, or, if nothing stands there, with the nearest one above it."""
        if path in self.from_command_line:
            return Problem("command line", None, None, dotted(path), message, remedy)
        known, first, second = path, *((self.keys, self.values) if at_key else (self.values, self.keys))
        while known and known not in first and known not in second:
            known = known[:-1]
        place = first.get(known) or second.get(known)
        line, column = (place.line, place.column) if place else (None, None)
        return Problem(self.file, line, column, dotted(path), message, remedy)

    def written(self, values: Mapping[Path, str]) -> frozenset[str]:
        """Those of `values` that stand in the file itself: only these may be named in a message."""
        return frozenset(value for path, value in values.items() if not self.variables.get(path))

    def shown(self, path: Path, text: str) -> str:
        """The value in quotes, or, if it came from the environment, the name of its variable."""
        variables = self.variables.get(path)
        if variables:
            return "the value of " + " and ".join(f"${{{name}}}" for name in variables)
        return f"'{text}'" if len(text) <= 80 else f"'{text[:77]}…'"
