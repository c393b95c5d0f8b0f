"""Memory of a process that has loaded what it needs, and is going to run for a long time."""

from __future__ import annotations

import ctypes
import gc

COLLECT_AFTER = (20_000, 50, 100)  # objects more than there were; collections of the younger generation


def settle() -> None:
    """Once everything is loaded. The collector then leaves it alone: to go through it all takes some 20 ms, in which
    nobody is served. What a request leaves is freed without the collector, so it looks seldom: that saves 5 % of a
    request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    give_back()


def tidy() -> None:
    """Once something large is gone, as an old configuration: what holds itself in a circle is freed, which otherwise
    happens after millions of new objects, and what is freed is given back. What was settled is not looked through:
    some milliseconds.
    """
    gc.collect()
    give_back()


def give_back() -> None:
    """Gives the system what loading took beside what it left: unpacked files, the price map."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; others give back by themselves or not at all
    if trim is not None:
        trim(0)
