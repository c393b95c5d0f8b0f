"""The administration's application: health, metrics, and its own documentation. FastAPI; never on the hot path."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from gateway.telemetry.metrics import Metrics
from gateway.version import VERSION


def administration(metrics: Metrics, metrics_key: Callable[[], str | None]) -> FastAPI:
    """`metrics_key` gives the bearer token that `/metrics` asks for, or None where it is open."""
    app = FastAPI(title="Tidegate", version=VERSION, redoc_url=None)

    @app.get("/healthz", response_class=PlainTextResponse, summary="Is this worker alive?")
    async def health() -> str:
        return "ok"

    @app.get("/metrics", response_class=PlainTextResponse, summary="Prometheus metrics of all workers")
    async def prometheus(request: Request) -> Response:
        key = metrics_key()
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key is not None and not hmac.compare_digest(key.encode(), given.encode()):
            raise HTTPException(HTTPStatus.UNAUTHORIZED, "A bearer token is needed here: server.metrics_key.")
        metrics.flush()
        body, content_type = await asyncio.to_thread(metrics.encoded, request.headers.get("accept", ""))
        return Response(body, media_type=content_type)

    @app.exception_handler(HTTPException)
    async def failure(request: Request, error: HTTPException) -> JSONResponse:
        """Unknown paths too: OpenAI's clients read this shape."""
        known = {404: ("unknown_url", f"Unknown request URL: {request.method} {request.url.path[:200]}.")}
        code, message = known.get(error.status_code, (None, str(error.detail)))
        body = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
        return JSONResponse({"error": body}, error.status_code, headers=dict(error.headers or {}))

    return app
