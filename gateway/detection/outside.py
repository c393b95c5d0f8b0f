"""Outside: a detector that works in a thread of its own, behind a bounded queue and within a time limit.

Whatever goes wrong there raises here; the scanner then names the detector in `failed`, and the content stays local.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

from gateway.detection.advisor import Advice, Advisor
from router.content import Segment
from router.sensitivity.budget import Budget
from router.sensitivity.detector import Span
from router.sensitivity.view import View

_COST = 1_500  # steps of the scan's budget for a text: so a scan asks a dozen times at most
_LOG = logging.getLogger(__name__)
_Order = tuple[str, "Future[list[Advice]]"]


class PluginBusyError(Exception):
    """The plug-in's queue is full."""


class Outside:
    """An advisor behind the scanner's interface. `make` is called in its thread: a model loads beside the serving."""

    triggers = ()

    def __init__(self, name: str, make: Callable[[], Advisor], *, timeout: float, waiting: int) -> None:
        """`timeout` in seconds for one text; `waiting`: how many texts may wait."""
        self.name = f"plugin.{name}"
        self._make = make
        self._timeout = timeout
        self._orders: queue.Queue[_Order | None] = queue.Queue(waiting)
        self._made, self._closed = threading.Event(), threading.Event()
        # A daemon: a plug-in that hangs does not keep the process from ending.
        threading.Thread(target=self._work, name=self.name, daemon=True).start()

    def find_in(
        self, segments: Sequence[Segment], texts: Sequence[str], joined: str, budget: Budget
    ) -> Mapping[int, Sequence[Span]]:
        del joined
        seen: dict[int, Sequence[Span]] = {}
        for index, (segment, folded) in enumerate(zip(segments, texts, strict=True)):
            # Offsets are those of the folded text; where it has as many characters, the original says more.
            original = len(segment.text) == len(folded)
            if spans := self._ask(segment.text if original else folded, budget):
                seen[index] = spans
        return seen

    def find(self, view: View, hits: Sequence[int]) -> Sequence[Span]:
        """For long texts, and for what was decoded."""
        del hits
        return () if view.joints else self._ask(view.text, view.budget)

    def loaded(self, seconds: float) -> bool:
        """Wait for it to be made, as long as that. It answers, or fails, sooner or later; no request needs to wait."""
        return self._made.wait(seconds)

    def close(self) -> None:
        """Let the thread end; what waits is refused."""
        self._closed.set()
        try:
            self._orders.put_nowait(None)
        except queue.Full:
            return  # the thread sees that it is closed with the next order

    def _ask(self, text: str, budget: Budget) -> list[Span]:
        if not text.strip():
            return []
        budget.spend(_COST)
        answer: Future[list[Advice]] = Future()
        try:
            self._orders.put_nowait((text, answer))
        except queue.Full:
            raise PluginBusyError(self.name) from None
        try:
            return [Span(*advice) for advice in answer.result(self._timeout)]
        finally:
            answer.cancel()  # nobody waits for it any more

    def _work(self) -> None:
        advisor: Advisor | Exception
        try:
            advisor = self._make()
        # Somebody else's code: whatever it raises, even at its import, is handed to all who ask.
        except Exception as error:  # noqa: BLE001
            advisor = self._told(error)
        self._made.set()
        while (order := self._orders.get()) is not None and not self._closed.is_set():
            text, answer = order
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                if isinstance(advisor, Exception):
                    raise advisor
                answer.set_result([_checked(advice, len(text)) for advice in advisor.advise(text)])
            except Exception as error:  # noqa: BLE001  # the same: who asked is told, and keeps its request at home
                answer.set_exception(self._told(error))

    def _told(self, error: Exception) -> Exception:
        _LOG.warning("a plug-in failed", extra={"kind": self.name, "reason": type(error).__name__})
        return error


def _checked(advice: Advice, size: int) -> Advice:
    start, end, kind, confidence = advice
    if not (0 <= start <= end <= size and kind and 0.0 <= confidence <= 1.0):
        raise ValueError("a plug-in's finding does not lie in its text")
    return Advice(int(start), int(end), str(kind), float(confidence))
