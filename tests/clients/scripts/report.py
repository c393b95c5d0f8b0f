"""The report of a client's script: what it saw, a line of JSON each. Standard library only.

A script says which ways a client can be used in (sync, streamed, …); each way is tried with every behaviour that it is
not said to lack. What is the client's own is a check: a function that raises what is wrong.
"""

from __future__ import annotations

import json
import os
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PROMPT = "What is the capital of France?"
TOOL = {
    "name": "look",
    "description": "Looks a city up.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CITY_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["city", "population"],
    "additionalProperties": False,
}


@dataclass(slots=True)
class Seen:
    """What a client's user gets to see. A way fills it in as it comes, so that a cut stream leaves its beginning."""

    text: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)  # of tools: name and arguments
    parsed: Any = None  # what the schema asked for
    logprobs: int = 0  # tokens that have one
    error: str | None = None  # the class of what was raised
    status: int | None = None  # of the error, where the client tells


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: for this route, with tools, a schema or log probabilities where `needs` says so."""

    model: str
    needs: str

    @property
    def messages(self) -> list[dict[str, str]]:
        return [{"role": "user", "content": PROMPT}]


Way = Callable[[Ask, Seen], None]
Check = Callable[[], None]


class Report:
    def __init__(self, version: str) -> None:
        stage = json.loads(os.environ["TIDEGATE_STAGE"])
        self.root: str = stage["root"]
        self.base_url = f"{self.root}/v1"
        self.key: str = stage["key"]
        self.embed_only_key: str = stage["embed_only_key"]
        self._behaviours: list[dict[str, Any]] = stage["behaviours"]
        self._upstream: str = stage["upstream"]
        self._file = Path(os.environ["TIDEGATE_REPORT"])
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._write({"version": version})

    @property
    def routes(self) -> list[str]:
        return [behaviour["name"] for behaviour in self._behaviours]

    def way(self, name: str, dialect: str, way: Way, *, streamed: bool = False, lacks: Iterable[str] = ()) -> None:
        """Ask in this way for every behaviour but those that need what it lacks."""
        for behaviour in self._behaviours:
            mode = "streamed" if streamed else "whole"
            if behaviour[mode] is None or behaviour["needs"] in lacks or behaviour["name"] in lacks:
                continue
            seen = Seen()
            before, started = self.forget(), time.monotonic()
            try:
                way(Ask(behaviour["name"], behaviour["needs"]), seen)
            except Exception as error:  # noqa: BLE001  # whatever the client raises is what its user sees
                seen.error = type(error).__name__
                seen.status = status_of(error)
                seen.text += f" [{error}]" if seen.error in UNEXPECTED else ""
            line = {"way": name, "dialect": dialect, "streamed": streamed, "behaviour": behaviour["name"]}
            spent = {"requests": self.requests() - before, "seconds": time.monotonic() - started}
            self._write({**line, "seen": asdict(seen), **spent})

    def check(self, name: str, check: Check) -> None:
        self.forget()
        try:
            check()
        except Exception as error:  # noqa: BLE001  # told with the rest at the end
            where = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__}: {error} (line {where.lineno}: {where.line})"
            self._write({"check": name, "failure": told})
        else:
            self._write({"check": name, "failure": None})

    def forget(self) -> int:
        """Whatever the upstream fails once fails once more. Returns how many requests it has had."""
        order = urllib.request.Request(f"{self._upstream}/control", b'{"forget": true}')  # noqa: S310
        self._opener.open(order).close()
        return self.requests()

    def requests(self) -> int:
        """How many the upstream has had."""
        with self._opener.open(f"{self._upstream}/stats") as answer:
            return int(json.load(answer)["requests"])

    def _write(self, line: dict[str, Any]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


# Errors of a script's own making: their text is wanted, since nothing else tells what is wrong.
UNEXPECTED = {"AssertionError", "AttributeError", "TypeError", "KeyError", "IndexError", "ValueError", "NameError"}


def status_of(error: BaseException) -> int | None:
    """The HTTP status that an error, or what it was raised from, tells."""
    told: BaseException | None = error
    while told is not None:
        for name in ("status_code", "code", "status"):
            status = getattr(told, name, None)
            if isinstance(status, int) and status > 0:
                return status
        told = told.__cause__
    return None


def expect(kind: type[Exception], act: Callable[..., object], *arguments: Any, **more: Any) -> Any:
    """The error that this raises, which must be of that very class."""
    error = raised(kind, act, *arguments, **more)
    assert type(error) is kind, f"{type(error).__name__} instead of {kind.__name__}"
    return error


def raised(kind: type[Exception], act: Callable[..., object], *arguments: Any, **more: Any) -> Any:
    """The error of that kind that this raises. It must raise one."""
    try:
        said = act(*arguments, **more)
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} but {said!r}")
