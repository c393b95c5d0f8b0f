"""What reference counting does not free: things that hold each other in a circle, left for the collector to find."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def left_over() -> Iterator[list[str]]:
    """The types of what the block leaves, once it is over."""
    found: list[str] = []
    gc.collect()
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += [f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in gc.garbage]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
