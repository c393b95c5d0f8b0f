"""Faults of ours: loaded by the Python of a gateway whose `PYTHONPATH` names this directory, and by no other.

A request whose body says `"fault_at": PLACE` breaks there, in every way that Python has to tell of an error, and each
time the error quotes the request.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn


class Stubborn:
    """Cannot be thrown away without an error."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __del__(self) -> None:
        raise RuntimeError(self.text)


def _break(text: str) -> NoReturn:
    raise RuntimeError(f"broken by {text}")


async def _break_later(text: str) -> None:
    _break(text)


def _in_passing(text: str) -> None:
    """What breaks where nobody waits for it."""
    loop = asyncio.get_running_loop()
    loop.create_task(_break_later(text))  # noqa: RUF006  # nobody asks for its exception
    loop.call_soon(_break, text)
    threading.Thread(target=_break, args=(text,), name=text).start()
    warnings.warn(f"surprised by {text}", UserWarning, stacklevel=2)
    logging.getLogger("some.library").error("could not send %s", text)
    logging.getLogger("gateway.somewhere").warning("%d requests", text)
    Stubborn(text)
    loop.call_later(0.01, gc.collect)


def _body_of(arguments: tuple[Any, ...]) -> Any:
    """The body of the request that a call is about."""
    for argument in arguments:
        if isinstance(argument, bytes):
            return argument
        for holder in (argument, getattr(argument, "_exchange", None)):
            call = getattr(holder, "call", holder)
            if isinstance(body := getattr(call, "body", None), dict):
                return body
    return {}


def _breaking(place: str, function: Callable[..., Any]) -> Callable[..., Any]:
    mark = f'"fault_at":"{place}"'.encode()

    @wraps(function)
    def broken(*arguments: Any, **named: Any) -> Any:
        body = _body_of(arguments)
        if mark in body if isinstance(body, bytes) else body.get("fault_at") == place:
            _in_passing(repr(body))
            _break(repr(body))
        return function(*arguments, **named)

    return broken


def _lay() -> None:
    from gateway.egress.passthrough import Passthrough
    from gateway.pipeline import attempts, way
    from gateway.pipeline.attempt import Attempt
    from gateway.pipeline.live import LiveStream

    for owner, name, place in (
        (way, "admit", "admit"),
        (way, "decide", "decide"),
        (attempts, "read_whole", "read"),
        (Passthrough, "send", "send"),
        (Attempt, "settle", "settle"),
        (LiveStream, "next", "stream"),
    ):
        setattr(owner, name, _breaking(place, getattr(owner, name)))


if "gateway.serving.worker" in sys.orig_argv:
    _lay()
