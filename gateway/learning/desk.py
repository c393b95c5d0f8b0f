"""The desk: takes feedback from whoever asked, and from their team; to all others there is no such request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

from gateway.learning.allowance import Allowance
from gateway.learning.feedback import Feedback, label_of, preference_of
from gateway.learning.notebook import FLUSH_SECONDS, Notebook
from gateway.learning.sample import Label, Sample
from gateway.stores.link import StoreFault
from gateway.wire.errors import BadRequest, NotFound, Unavailable
from router.clearance import LOCAL_ZONE

_ID: Final = re.compile(r"req_([0-9a-f]{12})[0-9a-f]{20}")  # as `gateway.wire.request_id` makes them
_YOUNG: Final = 900.0  # seconds; the answer to an older request is out, and its sample is kept or never will be
_POLLS: Final = (0.1, 0.3, 0.6, FLUSH_SECONDS, 0.5)  # seconds; another replica keeps its own after `FLUSH_SECONDS`
_DAY: Final = 86_400.0


class FeedbackUnavailable(Unavailable):
    """What was kept of the request cannot be looked up now: try again."""

    code = "feedback_unavailable"


class Desk:
    """`wall` gives seconds since the epoch."""

    def __init__(
        self,
        notebook: Notebook,
        allowance: Allowance,
        *,
        zone: str,
        feedback_days: int,
        wall: Callable[[], float],
    ) -> None:
        self._notebook = notebook
        self._allowance = allowance
        self._zone = zone
        self._seconds = feedback_days * _DAY
        self._days = feedback_days
        self._wall = wall

    async def hear(self, feedback: Feedback, key: str, team: str | None) -> tuple[Sample, Label]:
        """Returns when it is kept. Raises `TooManyRequests`, `NotFound`, `BadRequest` and `FeedbackUnavailable`."""
        self._allowance.take(key)
        try:
            sample = await self._sample(feedback.request_id, "request_id", key, team)
            if feedback.preferred is not None:
                better = await self._sample(feedback.preferred, "preferred", key, team)
                label = preference_of(sample, better, key, self._wall())
            else:
                # What a correction says was not looked through, so its words are kept at home or nowhere.
                keeps = sample.text is not None and self._zone == LOCAL_ZONE
                seal = self._notebook.seal if keeps else None
                label = label_of(feedback, sample, key, self._wall(), seal=seal)
            await self._notebook.label(label)
        except StoreFault:
            raise FeedbackUnavailable("Feedback cannot be taken now. Try again.", retry_after=1) from None
        return sample, label

    async def _sample(self, request_id: str, param: str, key: str, team: str | None) -> Sample:
        """Of a request of theirs. It is looked for in the same way, and for as long, whoever it belongs to."""
        form = _ID.fullmatch(request_id)
        if form is None:
            raise not_there(param)
        age = self._wall() - int(form[1], 16) / 1000
        if age > self._seconds:
            raise BadRequest(f"Feedback is taken for {self._days} days after a request.", param=param, code="too_late")
        for wait in (0.0, *(_POLLS if age < _YOUNG else ())):
            if wait:
                await asyncio.sleep(wait)
            sample = await self._notebook.sample(request_id)
            if sample is not None and (sample.key == key or (team is not None and sample.team == team)):
                return sample
        raise not_there(param)


def not_there(param: str) -> NotFound:
    """The same for what never was, is not kept, and is somebody else's."""
    message = "No request of yours is kept under this id to learn from."
    return NotFound(message, param=param, code="unknown_request")
