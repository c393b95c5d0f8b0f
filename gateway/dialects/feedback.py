"""Feedback: `POST /v1/feedback`, what somebody says of an answer they got. This gateway's own; errors are OpenAI's."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.access.principal import Principal
from gateway.dialects.openai_errors import failure
from gateway.learning.desk import not_there
from gateway.learning.feedback import Feedback, feedback_of
from gateway.pipeline.heard import heard
from gateway.pipeline.parts import Parts
from gateway.pipeline.way import Pipeline
from gateway.telemetry.catalogue import NO_ROUTE
from gateway.wire.errors import GatewayError
from gateway.wire.http import JSON, Headers, Reply, Request
from gateway.wire.json import parse_object


class FeedbackDialect:
    paths: Mapping[str, frozenset[str]] = {"/v1/feedback": frozenset({"POST"})}
    open_to_all = False
    keyless = False

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        """Once it is kept."""
        parts = pipeline.parts
        started = parts.clocks.steady()
        feedback = feedback_of(parse_object(request.body))
        evicted = await heard(parts, feedback, principal)
        if evicted is None:
            await self._learned(parts, feedback, principal)
        number = request.id.encode()
        headers: Headers = [(b"content-type", JSON), (b"x-request-id", number), (b"x-tidegate-request-id", number)]
        said: dict[str, object] = {
            "object": "feedback",
            "request_id": feedback.request_id,
            "source": feedback.source,
        }
        if evicted is not None:
            said["evicted"] = evicted
        reply = Reply(200, headers, orjson.dumps(said))
        reply.over = lambda: parts.metrics.answered(NO_ROUTE, None, 200, False, parts.clocks.steady() - started)
        return reply

    async def _learned(self, parts: Parts, feedback: Feedback, principal: Principal) -> None:
        if parts.lessons is None:  # no route learns
            raise not_there("request_id")
        sample, label = await parts.lessons.desk.hear(feedback, principal.name, principal.team)
        parts.metrics.labelled(sample.route, label.source)

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)
