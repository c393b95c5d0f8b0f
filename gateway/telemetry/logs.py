"""Logs: one line an event on stderr, as JSON or for a person to read. Never content, a matched value or a key.

Walls, for a log is the easiest way out of a house: fields are shown only if their name is listed here; of an exception
the type and the places are shown, not its message, which may quote a request; what looks like a credential in a message
is struck out. Libraries are heard from `warning` on whatever the level, because several of them log bodies at `debug`;
and of what they say only the place is shown, for asyncio names the arguments of a call that failed, and pydantic the
value that surprised it.
"""

from __future__ import annotations

import logging
import re
import sys
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO

import orjson

Format = Literal["json", "console"]
Level = Literal["debug", "info", "warning", "error"]

OWN = ("gateway", "router", "uvicorn.error")
"""Loggers that follow the level asked for, and whose messages are shown."""
_FAMILIES = ("gateway.", "router.")

SILENT = ("sqlalchemy.pool",)
"""Loggers that are not heard at all: this one prints a stack for each connection that a server took with it when it
went, and whoever asked that server says so anyway."""

REQUESTS = "gateway.requests"
"""The logger of the line per request."""
_REQUESTS = logging.getLogger(REQUESTS)
_WARNINGS = logging.getLogger("gateway.warnings")

FIELDS = frozenset(
    {
        "attempt", "budget", "bytes", "cache", "cost_usd", "deployment", "errors", "file", "host", "key_name", "kind",
        "outcome", "pid", "port", "reason", "request_id", "route", "rows", "scope", "seconds", "signal", "sink",
        "status", "store", "streamed", "team", "url", "version", "whose", "worker", "zone",
    }
)  # fmt: skip
"""What `extra=` may carry. Names, numbers and fixed words; anything else is dropped."""

STRUCK = "[struck out]"
# after the scheme, or from the prefix of a key on
_TOKEN = re.compile(r"(?i)(\bbearer\s+|\b(?=(?:sk|pk|tg|xai|gsk|hf)[-_]))[^\s\"',;]{6,}")
_PASSWORD = re.compile(r"(://[^\s/@:]*:)\S+(?=@)")  # scheme://user:password@host


def configure(
    level: Level = "info", style: Format = "console", *, requests: bool = False, to: TextIO | None = None
) -> None:
    """Sets the root logger up; called once a process, before anything logs. `requests` turns the request line on."""
    handler = Lines(to or sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else ConsoleLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OWN:
        logging.getLogger(name).setLevel(level.upper())
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if requests else logging.CRITICAL)
    warnings.showwarning = _warned


def request(
    request_id: str,
    *,
    route: str,
    key_name: str,
    deployment: str | None,
    zone: str | None,
    status: int,
    streamed: bool,
    seconds: float,
) -> None:
    """The line per request, if it is on: who was answered by what, and how long it took."""
    if _REQUESTS.isEnabledFor(logging.INFO):
        fields = {
            "request_id": request_id,
            "route": route,
            "key_name": key_name,
            "deployment": deployment,
            "zone": zone,
            "status": status,
            "streamed": streamed,
            "seconds": round(seconds, 4),
        }
        _REQUESTS.info("answered", extra=fields)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """In the place of `warnings.showwarning`: pydantic's warnings hold the value that they warn of."""
    del message, file, line
    _WARNINGS.warning("%s at %s:%s", category.__name__, filename, lineno)


class Lines(logging.StreamHandler[TextIO]):
    """Says of a line that cannot be written where it came from; Python would print its text and arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        with suppress(OSError, ValueError):  # the output has gone
            self.stream.write(f"a line of the log could not be written: {_place(record)}\n")


class JsonLines(logging.Formatter):
    """One JSON object a line: `time` (UTC, RFC 3339), `level`, `logger`, `message`, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        line.update(_fields(record))
        error = _error(record)
        if error is not None:
            line["error"], line["at"] = error
        return orjson.dumps(line, default=str).decode()


class ConsoleLines(logging.Formatter):
    """`12:30:01 INFO gateway.serving: message key=value`."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        line = f"{time} {record.levelname} {record.name}: {_message(record)}"
        for name, value in _fields(record).items():
            line += f" {name}={value}"
        error = _error(record)
        if error is not None:
            line += f" error={error[0]}" + "".join(f"\n    {place}" for place in error[1])
        return line


def _message(record: logging.LogRecord) -> str:
    ours = record.name.startswith(_FAMILIES) or record.name in OWN
    return _clean(record.getMessage()) if ours else f"said something at {_place(record)}"


def _place(record: logging.LogRecord) -> str:
    return f"{record.pathname}:{record.lineno}"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    found = {name: value for name, value in record.__dict__.items() if name in FIELDS and value is not None}
    return {name: _clean(value) if isinstance(value, str) else value for name, value in sorted(found.items())}


def _error(record: logging.LogRecord) -> tuple[str, list[str]] | None:
    """The exception's type and where it came from, innermost last."""
    if not record.exc_info or record.exc_info[0] is None:
        return None
    kind, _, trace = record.exc_info
    return kind.__qualname__, _places(trace)


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places


def _clean(text: str) -> str:
    return _PASSWORD.sub(rf"\1{STRUCK}", _TOKEN.sub(rf"\1{STRUCK}", text))
