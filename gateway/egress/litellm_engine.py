"""The litellm engine: every provider that does not speak OpenAI. Imported on the first call that needs it, in a thread.

litellm turns the body into the provider's dialect and the answer back into OpenAI's. Retries, callbacks and look-ups of
its own are switched off: attempts are the pipeline's business. It opens its own connections, so a deployment that
claims zone `local` is not spoken to this way: the claim could not be held to.
"""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import orjson

from gateway.egress.guard import LocalityRefused, Permit
from gateway.egress.target import Target
from gateway.wire.errors import UpstreamFailed, UpstreamTimedOut
from gateway.wire.sse import DONE, data_frame
from router.clearance import LOCAL_ZONE

_JSON = "application/json"
_EVENTS = "text/event-stream"


class WholeAnswer:
    """An answer that is already here: a completion, or the provider's error in OpenAI's shape."""

    __slots__ = ("_body", "content_type", "retry_after", "status")

    def __init__(self, status: int, body: bytes, retry_after: int | None = None) -> None:
        self.status = status
        self.content_type = _JSON
        self.retry_after = retry_after
        self._body = body

    async def body(self) -> bytes:
        return self._body

    async def chunk(self) -> bytes:
        body, self._body = self._body, b""
        return body

    def close(self) -> None:
        """Nothing is open."""


class StreamedAnswer:
    """Chunks as litellm translates them, each as one OpenAI event."""

    __slots__ = (
        "_chunks",
        "_closing",
        "_ended",
        "_faults",
        "_patience",
        "_target",
        "content_type",
        "retry_after",
        "status",
    )

    def __init__(self, chunks: AsyncIterator[Any], target: Target, faults: type[Exception]) -> None:
        self.status = 200
        self.content_type = _EVENTS
        self.retry_after = None
        self._chunks = chunks
        self._target = target
        self._faults = faults
        self._patience = target.timeouts.first_token
        self._ended = False
        self._closing: asyncio.Task[None] | None = None

    async def body(self) -> bytes:
        parts = []
        while part := await self.chunk():
            parts.append(part)
        return b"".join(parts)

    async def chunk(self) -> bytes:
        if self._ended:
            return b""
        try:
            async with asyncio.timeout(self._patience):
                chunk = await anext(self._chunks, None)
        except TimeoutError as error:
            self.close()
            raise UpstreamTimedOut("The model's server stopped sending.") from error
        except (self._faults, OSError) as error:
            self._ended = True
            raise UpstreamFailed("The model's server broke off its answer.") from error
        self._patience = self._target.timeouts.between_chunks
        if chunk is None:
            self._ended = True
            return DONE
        return data_frame(orjson.dumps(chunk.model_dump(exclude_none=True)))

    def close(self) -> None:
        close = getattr(self._chunks, "aclose", None)
        if close is not None and not self._ended:
            self._closing = asyncio.get_running_loop().create_task(close())
        self._ended = True


class LiteLLMEngine:
    def __init__(self) -> None:
        self._litellm: Any = None
        self._faults: type[Exception] = OSError  # until litellm is there

    async def send(self, permit: Permit, endpoint: str, body: bytes, *, streamed: bool) -> WholeAnswer | StreamedAnswer:
        target = permit.target
        if target.zone == LOCAL_ZONE:
            raise LocalityRefused("A deployment in zone local needs an engine whose connections the gateway opens.")
        if self._litellm is None:
            self._litellm, self._faults = await asyncio.to_thread(_import)
        call = orjson.loads(body)
        call |= {
            "model": target.model,
            "api_key": target.api_key or None,
            "api_base": target.base_url or None,
            "timeout": target.timeouts.total,
            "num_retries": 0,
            "max_retries": 0,
            "no-log": True,
        }
        try:
            async with asyncio.timeout(target.timeouts.total):
                answer = await self._litellm.acompletion(**call)
        except TimeoutError as error:
            raise UpstreamTimedOut("The model's server did not answer in time.") from error
        except OSError as error:
            raise UpstreamFailed("The model's server could not be reached.") from error
        except self._faults as error:
            return _refusal(error)
        if streamed:
            return StreamedAnswer(aiter(answer), target, self._faults)
        return WholeAnswer(200, orjson.dumps(answer.model_dump(exclude_none=True)))

    async def close(self) -> None:
        """litellm keeps its own connections; they end with the process."""


def _import() -> tuple[Any, type[Exception]]:
    """litellm and the base class of all its errors. Takes seconds; the price map is the one on disk."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_LOG", "CRITICAL")  # it logs prompts
    litellm = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    return litellm, importlib.import_module("openai").OpenAIError


def _refusal(error: Exception) -> WholeAnswer:
    """The provider's error as an OpenAI-shaped server would have answered it."""
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        raise UpstreamFailed("The model's server could not be reached.") from error
    if status == HTTPStatus.REQUEST_TIMEOUT:
        raise UpstreamTimedOut("The model's server did not answer in time.") from error
    response = getattr(error, "response", None)
    after = response.headers.get("retry-after", "") if response is not None else ""
    message = str(getattr(error, "message", ""))
    body = orjson.dumps({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}})
    return WholeAnswer(status, body, int(after) if after.isdecimal() and len(after) < 4 else None)
