"""The script: which behaviour a request gets. A directive is a name and its arguments: `cut:3:rst`."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from tests.upstream.behaviours import BEHAVIOURS
from tests.upstream.faults import FAULTS
from tests.upstream.flaky import FLAKY
from tests.upstream.framing import FRAMING
from tests.upstream.http import Request
from tests.upstream.manners import MANNERS
from tests.upstream.mutated import MUTATED
from tests.upstream.parrot import PARROT
from tests.upstream.turn import Behaviour
from tests.upstream.verdicts import VERDICTS

DIRECTIVES: Mapping[str, Behaviour] = {
    **BEHAVIOURS,
    **MANNERS,
    **FAULTS,
    **FRAMING,
    **PARROT,
    **VERDICTS,
    **FLAKY,
    **MUTATED,
}
FIELD = "x_upstream"
HEADER = "x-upstream"


def parse(directive: str) -> tuple[Behaviour, tuple[str, ...]]:
    """Raises `KeyError` for a name that is none, so that a test with a slip of the pen fails."""
    name, *args = directive.split(":")
    return DIRECTIVES[name], tuple(args)


class Script:
    """What was pushed by tests, for a server of this name. Used from the server's thread and the tests'."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._queue: deque[str] = deque()
        self._always = "ok"

    def next(self, *directives: str) -> None:
        for directive in directives:
            parse(directive)
        with self._lock:
            self._queue.extend(directives)

    def always(self, directive: str) -> None:
        parse(directive)
        with self._lock:
            self._always = directive

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()
            self._always = "ok"

    def choose(self, request: Request, body: Mapping[str, Any]) -> str:
        """Pushed for the next call, else the header, else the body's field, else the model's name, else `always`."""
        with self._lock:
            if self._queue:
                return self._queue.popleft()
            always = self._always
        field = body.get(FIELD)
        if isinstance(field, dict):
            field = field.get(self._name)
        suffix = str(body.get("model", "")).partition("!")[2]
        own = request.header(HEADER) or (field if isinstance(field, str) else None) or suffix
        return own if own and own.split(":")[0] in DIRECTIVES else always
