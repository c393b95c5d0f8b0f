"""The fault of a store that could not be asked."""

from __future__ import annotations


class StoreFault(Exception):
    """The store could not be asked. `kind`: `timeout`, `connection`, `reply` (it answered with an error) or `open`."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the store could not be asked: {kind}")
        self.kind = kind
