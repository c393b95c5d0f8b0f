"""The litellm engine: every provider that does not speak OpenAI. Imported on the first call that needs it, in a thread.

litellm turns the body into the provider's dialect and the answer back into OpenAI's. Retries, callbacks, look-ups,
redirects and proxies of its own are switched off: attempts are the pipeline's business. It opens its own connections,
so a deployment that claims zone `local` is not spoken to this way: the claim could not be held to.

Only OpenAI's own fields are handed over. litellm takes its orders from the same keywords as the request (`base_url`,
`fallbacks`, `extra_headers`…), and a client must not be able to say where a prompt and the key are sent.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import orjson

from gateway.egress.guard import LocalityRefused, Permit
from gateway.egress.retry_after import retry_after
from gateway.egress.target import Target
from gateway.wire.endpoint import CHAT, EMBEDDINGS
from gateway.wire.errors import NotServed, UpstreamFailed, UpstreamTimedOut
from gateway.wire.sse import data_frame
from router.clearance import LOCAL_ZONE

FIELDS = frozenset(
    """messages functions function_call temperature top_p n stream stream_options stop max_tokens max_completion_tokens
    modalities prediction audio presence_penalty frequency_penalty logit_bias user response_format seed tools
    tool_choice parallel_tool_calls logprobs top_logprobs reasoning_effort verbosity safety_identifier service_tier
    prompt_cache_key thinking web_search_options""".split()  # noqa: SIM905
)
"""https://platform.openai.com/docs/api-reference/chat/create, and `thinking` of Anthropic's. Left out: `store` and
`metadata`, which would keep the request there."""
EMBEDDING_FIELDS = frozenset({"input", "dimensions", "user"})
"""Vectors are asked for as numbers, which all providers write; the gateway packs them where a client wants that."""

# What litellm's translations raise for answers that they did not expect.
_STUMBLES = (LookupError, ValueError, TypeError, AttributeError)
_PREFIX = re.compile(r"\A(?:litellm\.)?(?:\w+(?:Error|Exception)\b(?:: | - )?)+")  # names of litellm's own classes
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

    def finish(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing is open."""


class StreamedAnswer:
    """Chunks as litellm translates them, each as one OpenAI event."""

    __slots__ = (
        "_chunks",
        "_closing",
        "_coming",
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
        self.retry_after: int | None = None
        self._chunks = chunks
        self._target = target
        self._faults = faults
        self._patience = target.patience.first_token
        self._ended = False
        self._coming: asyncio.Task[Any] | None = None  # whoever waits may leave it to another
        self._closing: asyncio.Task[None] | None = None

    async def body(self) -> bytes:
        parts = []
        while part := await self.chunk():
            parts.append(part)
        return b"".join(parts)

    async def chunk(self) -> bytes:
        if self._ended:
            return b""
        coming = self._coming = self._coming or asyncio.get_running_loop().create_task(self._next())
        await asyncio.wait({coming}, timeout=self._patience)
        try:
            if not coming.done():
                raise TimeoutError
            self._coming = None
            chunk = coming.result()
        except TimeoutError as error:
            self.close()
            raise UpstreamTimedOut("The model's server stopped sending.") from error
        except (self._faults, OSError, *_STUMBLES) as error:
            self.close()
            raise UpstreamFailed("The model's server broke off its answer.") from error
        self._patience = self._target.patience.between_chunks
        if chunk is None:
            self._ended = True
            return b""  # no closing marker: litellm ends alike after a whole and after a cut answer
        said = chunk.model_dump(exclude_none=True)
        if self._is_made_up and any("finish_reason" in choice for choice in said["choices"]):
            self.close()
            raise UpstreamFailed("The model's server broke off its answer.")
        for choice in said["choices"]:
            choice.setdefault("finish_reason", None)
        return data_frame(orjson.dumps(said))

    @property
    def _is_made_up(self) -> bool:
        """Whether a finish reason that comes now is litellm's own: it says `stop` of a stream that was cut, too."""
        names = ("received_finish_reason", "intermittent_finish_reason")
        return all(getattr(self._chunks, name, "unknown") is None for name in names)

    def finish(self) -> None:
        self.close()

    def close(self) -> None:
        if not self._ended:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        self._ended = True

    async def _next(self) -> Any:
        return await anext(self._chunks, None)

    async def _close(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()


class LiteLLMEngine:
    def __init__(self) -> None:
        self._litellm: Any = None
        self._faults: type[Exception] = OSError  # until litellm is there

    async def send(self, permit: Permit, endpoint: str, body: bytes, *, streamed: bool) -> WholeAnswer | StreamedAnswer:
        target = permit.target
        if endpoint not in (CHAT.path, EMBEDDINGS.path):
            raise NotServed(f"The deployment {target.name} serves chat and embeddings only.")
        if target.zone == LOCAL_ZONE:
            raise LocalityRefused("A deployment in zone local needs an engine whose connections the gateway opens.")
        if self._litellm is None:
            self._litellm, self._faults = await asyncio.to_thread(_import)
        chats = endpoint == CHAT.path
        fields = FIELDS if chats else EMBEDDING_FIELDS
        call = {name: value for name, value in orjson.loads(body).items() if name in fields}
        call |= {
            "model": target.model,
            "api_key": target.api_key or None,
            "api_base": target.base_url or None,
            "timeout": target.patience.total,
            "num_retries": 0,
            "max_retries": 0,
            "_skip_mcp_handler": True,  # it would connect to servers that the tools name, and needs a package more
            "no-log": True,
        }
        try:
            async with asyncio.timeout(target.patience.first_token if streamed else target.patience.total):
                answer = await (self._litellm.acompletion if chats else self._litellm.aembedding)(**call)
        except TimeoutError as error:
            raise UpstreamTimedOut("The model's server did not answer in time.") from error
        except self._faults as error:
            return _refusal(error)
        except (OSError, *_STUMBLES) as error:
            raise UpstreamFailed("The model's server could not be reached or understood.") from error
        if streamed:
            return StreamedAnswer(aiter(answer), target, self._faults)
        return WholeAnswer(200, _completion(answer) if chats else orjson.dumps(answer.model_dump(exclude_none=True)))

    async def close(self) -> None:
        """litellm keeps its own connections; they end with the process."""


def _import() -> tuple[Any, type[Exception]]:
    """litellm and the base class of all its errors. Takes seconds; the price map is the one on disk."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOG"] = "CRITICAL"  # it logs prompts
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.disable_aiohttp_trust_env = True
    # Two kinds of client, both made inside litellm, both told to follow redirects: neither does.
    handler: Any = importlib.import_module("litellm.llms.custom_httpx.http_handler").AsyncHTTPHandler
    handler.follow_redirects = property(lambda _: False, lambda _, __: None)
    httpx: Any = importlib.import_module("httpx")
    litellm.aclient_session = httpx.AsyncClient(follow_redirects=False, trust_env=False)
    return litellm, importlib.import_module("openai").OpenAIError


def _completion(answer: Any) -> bytes:
    """litellm's answer as OpenAI would have written it: what is empty there is `null`, not left out."""
    said: dict[str, Any] = answer.model_dump(exclude_none=True)
    for choice in said["choices"]:
        choice.setdefault("finish_reason", None)
        choice.setdefault("logprobs", None)
        choice["message"].setdefault("content", None)
    return orjson.dumps(said)


def _refusal(error: Exception) -> WholeAnswer:
    """The provider's error as an OpenAI-shaped server would have answered it."""
    status = getattr(error, "status_code", None)
    headers = getattr(error, "litellm_response_headers", None)
    # litellm makes up a status of 500 where a connection broke. What came of the request is then unknown.
    if not isinstance(status, int) or 300 <= status < 400 or (status >= 500 and headers is None):
        raise UpstreamFailed("The model's server could not be reached or understood.") from error
    if status == HTTPStatus.REQUEST_TIMEOUT:
        raise UpstreamTimedOut("The model's server did not answer in time.") from error
    said = (str((headers or {}).get(name, "")) for name in ("retry-after", "retry-after-ms", "date"))
    message = _PREFIX.sub("", str(getattr(error, "message", "")))
    body = orjson.dumps({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}})
    return WholeAnswer(status, body, retry_after(*said))
