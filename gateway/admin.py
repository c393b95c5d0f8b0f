"""The administration's application and the documentation of all that the gateway serves. FastAPI; loaded when somebody
asks for one of its pages.

Health and metrics are described here and answered by `probes.py`; the data plane is described in `openapi/`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from gateway.openapi.document import complete
from gateway.openapi.parts import TEXT, failures, ref
from gateway.probes import Probes
from gateway.version import VERSION
from gateway.wire.http import Reply, fields_of

_OPEN_METRICS = "application/openmetrics-text"


class Administration(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi())
        return self.openapi_schema


def administration(probes: Probes) -> FastAPI:
    app = Administration(title="Tidegate", version=VERSION, redoc_url=None)

    def described(
        path: str, answer: Callable[[Mapping[bytes, bytes]], Awaitable[Reply]], summary: str, **more: Any
    ) -> None:
        async def endpoint(request: Request) -> Response:
            reply = await answer(fields_of(request.headers.raw))
            return Response(reply.body, reply.status, {name.decode(): value.decode() for name, value in reply.headers})

        app.get(path, response_class=PlainTextResponse, summary=summary, tags=["Administration"], **more)(endpoint)

    described("/healthz", probes.health, "Is this worker alive?")
    described(
        "/metrics",
        probes.metrics,
        "Prometheus metrics of all workers",
        responses={200: {"content": {_OPEN_METRICS: {"schema": TEXT}}}, **failures((401,), ref("Error"))},
        openapi_extra={"security": [{}, {"bearer": []}]},
    )

    @app.exception_handler(HTTPException)
    async def failure(_request: Request, error: HTTPException) -> JSONResponse:
        """OpenAI's clients read this shape."""
        body = {"message": str(error.detail), "type": "invalid_request_error", "param": None, "code": None}
        return JSONResponse({"error": body}, error.status_code, headers=dict(error.headers or {}))

    return app
