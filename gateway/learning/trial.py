"""On trial: what the challenger of a head would have said, beside it, and whether what is asked has drifted.

One for each route that learns and asks a head of its own, or has a challenger for one. A request that is noted costs a
few comparisons; one in `ONE_IN` is also put to the challenger, a moment later, when nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from gateway.learning.drift import Drift
from router.content import Content
from router.router import Estimates

ONE_IN: Final = 20  # requests
SOON: Final = 0.25  # seconds until the challenger is asked
MUCH: Final = 0.25  # drift from which on it is said
DAY: Final = 86_400.0  # seconds between two times that it is
_log = logging.getLogger("gateway.learning")


class Tells(Protocol):
    """Who counts what heads say."""

    def head_said(self, deployment: str, champion: str, challenger: str) -> None: ...

    def head_drifted(self, deployment: str, index: float) -> None: ...


@dataclass(slots=True)
class Trial:
    """`threshold` is the difficulty from which on the route turns to the large model; `steady` gives seconds."""

    deployment: str
    threshold: float
    tells: Tells
    steady: Callable[[], float]
    drift: Drift | None = None
    challenger: Estimates | None = None
    _turn: int = 0
    _warned: float | None = field(default=None)

    def heed(self, content: Content | None, difficulty: float) -> None:
        """The champion has said how difficult a request is. On the event loop."""
        if self.drift is not None and self.drift.add(difficulty):
            self._drifted(self.drift.told())
        if self.challenger is None or content is None:
            return
        self._turn += 1
        if self._turn % ONE_IN == 0:
            asyncio.get_running_loop().call_later(SOON, self.compare, content, difficulty)

    def compare(self, content: Content, difficulty: float) -> None:
        """Counts what both would do with the request."""
        if self.challenger is not None:
            found = self.challenger.estimate(content)
            self.tells.head_said(self.deployment, self._verdict(difficulty), self._verdict(found.probability))

    def _verdict(self, difficulty: float) -> str:
        return "large" if difficulty >= self.threshold else "small"

    def _drifted(self, index: float) -> None:
        self.tells.head_drifted(self.deployment, index)
        now = self.steady()
        if index > MUCH and (self._warned is None or now >= self._warned + DAY):
            self._warned = now
            _log.warning(
                "deployment %s: what is asked is no longer like what its head was fitted on (drift %.2f): learn again",
                self.deployment,
                index,
            )
