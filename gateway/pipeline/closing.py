"""Closing: an attempt that came to nothing has its books closed, by what came in between."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType

from gateway.accounting.fault import JournalUnavailable
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.cascade import Escalation
from gateway.pipeline.failure import RequestRefused
from gateway.wire.errors import GatewayError, TooManyRequests, UpstreamFailed


class closing:  # noqa: N801  # it is used like `contextlib.closing`, and for every attempt: no generator
    """`with closing(attempt):` — nothing is kept from being raised."""

    __slots__ = ("_attempt",)

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        attempt = self._attempt
        if error is None or isinstance(error, Escalation):  # that is no end: it may have to do after all
            return
        if isinstance(error, RequestRefused):
            attempt.refused(status=error.error.status)
        elif isinstance(error, UpstreamFailed | TooManyRequests):
            attempt.failed(error)
        elif isinstance(error, GatewayError):  # it was not sent, or could not be written down
            attempt.unsent(status=error.status)
        else:  # the client left, or the process is ending: the books are closed all the same
            with suppress(JournalUnavailable):  # counted; nobody is there to be told
                attempt.abandoned()
