"""A lead: what goes first on a route before anybody asks how hard the prompt is. A routing rule gives one, a
specialist is one. It orders deployments, and lets none in that clearance or capability keep out."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from router.content import Content
from router.decision import Reason


class Lead(NamedTuple):
    """`first` are tried first, then `rest`; with `rest` None, what difficulty and preference say.

    `absent` is the reason's code where none of `first` is up.
    """

    reason: Reason
    first: tuple[str, ...]
    rest: tuple[str, ...] | None = None
    absent: str = "deployment-unavailable"


class Claims(Protocol):
    """The specialists of a route."""

    def claim(self, content: Content) -> Lead | None: ...
