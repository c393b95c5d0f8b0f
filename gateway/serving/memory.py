"""Memory of a process that has loaded what it needs, and is going to run for a long time."""

from __future__ import annotations

import ctypes
import gc


def settle() -> None:
    """Once everything is loaded. The collector then leaves it alone: to go through it all takes some 20 ms, in which
    nobody is served.
    """
    gc.collect()
    gc.freeze()
    give_back()


def give_back() -> None:
    """Gives the system what loading took beside what it left: unpacked files, the price map."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; others give back by themselves or not at all
    if trim is not None:
        trim(0)
