"""The administration's application and the documentation of all that the gateway serves. FastAPI; loaded when somebody
asks for one of its pages, or somebody with a key for something below `/admin/v1`.

Health and metrics are described here and answered by `probes.py`; the data plane is described in `openapi/`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from gateway.admin import attempts, budgets, cache, events, keys, me, reports, teams
from gateway.admin.office import Office
from gateway.dialects.openai_errors import failure
from gateway.openapi.document import complete
from gateway.openapi.parts import TEXT, failures, ref
from gateway.probes import ADMIN, Probes
from gateway.version import VERSION
from gateway.wire.errors import GatewayError
from gateway.wire.http import Reply, fields_of

_ROUTERS = (
    *(me.ROUTER, keys.ROUTER, teams.ROUTER, events.ROUTER),
    *(reports.ROUTER, attempts.ROUTER, budgets.ROUTER, cache.ROUTER),
)
_OPEN_METRICS = "application/openmetrics-text"
_BEARER = HTTPBearer(scheme_name="bearer", auto_error=False)  # for the document: the door has authenticated


class Administration(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi())
        return self.openapi_schema


def administration(probes: Probes, office: Office) -> FastAPI:
    app = Administration(title="Tidegate", version=VERSION, redoc_url=None, redirect_slashes=False)
    app.state.office = office
    _describe(app, probes)
    for router in _ROUTERS:
        app.include_router(
            router,
            prefix=ADMIN.rstrip("/"),
            dependencies=[Depends(_BEARER)],
            responses=failures((400, 401, 403, 404, 500), ref("Error")),  # type: ignore[arg-type]
        )
    _explain(app)
    return app


def _describe(app: FastAPI, probes: Probes) -> None:
    """What the door answers by itself."""

    def described(
        path: str, answer: Callable[[Mapping[bytes, bytes]], Awaitable[Reply]], summary: str, **more: Any
    ) -> None:
        async def endpoint(request: Request) -> Response:
            reply = await answer(fields_of(request.headers.raw))
            return Response(reply.body, reply.status, {name.decode(): value.decode() for name, value in reply.headers})

        app.get(path, response_class=PlainTextResponse, summary=summary, tags=["Administration"], **more)(endpoint)

    described("/healthz", probes.health, "Is this worker alive?")
    described(
        "/readyz",
        probes.readiness,
        "Are new clients wanted? Not so once it was told to end",
        responses={503: {"content": {"text/plain": {"schema": TEXT}}, "description": "It is ending"}},
    )
    described(
        "/metrics",
        probes.metrics,
        "Prometheus metrics of all workers",
        responses={200: {"content": {_OPEN_METRICS: {"schema": TEXT}}}, **failures((401,), ref("Error"))},
        openapi_extra={"security": [{}, {"bearer": []}]},
    )


def _explain(app: FastAPI) -> None:
    """Whatever goes wrong is told in OpenAI's shape."""

    @app.exception_handler(GatewayError)
    async def known(_request: Request, error: GatewayError) -> Response:
        reply = failure(error)
        return Response(reply.body, reply.status, {name.decode(): value.decode() for name, value in reply.headers})

    @app.exception_handler(HTTPException)
    async def refusal(request: Request, error: HTTPException) -> JSONResponse:
        headers = error.headers
        if error.status_code == 405 and (methods := _methods(app, request.url.path)):
            headers = {"allow": ", ".join(sorted(methods))}  # Starlette names those of one of its routes
        return _told(error.status_code, str(error.detail), "invalid_request_error", headers=headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        """400, as everywhere here. Names the field; its value may be a secret."""
        where = [str(part) for part in error.errors()[0]["loc"][1:]]
        field = ".".join(where) or "body"
        message = f"`{field}`: {error.errors()[0]['msg']}."
        return _told(400, message, "invalid_request_error", param=field, code="invalid_value")

    @app.exception_handler(Exception)
    async def fault(_request: Request, _error: Exception) -> JSONResponse:
        return _told(500, "The gateway failed.", "server_error", code="internal_error")  # the log has the trace


def _methods(app: FastAPI, path: str) -> set[str]:
    """All that are described at the path; none where nothing is."""
    described = app.openapi()["paths"].items()
    return {method.upper() for pattern, item in described if compile_path(pattern)[0].match(path) for method in item}


def _told(
    status: int,
    message: str,
    kind: str,
    *,
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """OpenAI's clients read this shape."""
    error = {"message": message, "type": kind, "param": param, "code": code}
    return JSONResponse({"error": error}, status, headers=dict(headers or {}))
