"""Last words: what a process says of an exception that nobody caught. Python would print its message, which may quote a
request, on standard error; here it goes to the log, which shows the type and the places.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


@contextmanager
def logged() -> Iterator[None]:
    """For all that a process does. What ends it ends it with status 1."""
    hooks = threading.excepthook, sys.unraisablehook
    threading.excepthook = _thread_ended
    sys.unraisablehook = _could_not_be_raised
    try:
        yield
    except Exception:  # noqa: BLE001  # the last resort: Python would print its message
        _log.critical("the process ends by an error", exc_info=True)
        raise SystemExit(1) from None
    finally:
        threading.excepthook, sys.unraisablehook = hooks


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log.error("a thread ended by an error", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))


def _could_not_be_raised(args: sys.UnraisableHookArgs) -> None:
    """In `__del__`, or in a callback of a weak reference."""
    if args.exc_value is not None:
        _log.error("an error could not be raised", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))
