"""What OpenAI has and this gateway does not: answered with 404 in OpenAI's words, whatever the method and the body."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.access.principal import Principal
from gateway.dialects.openai_errors import failure
from gateway.pipeline.way import Pipeline
from gateway.wire.errors import GatewayError, NotServed
from gateway.wire.http import Reply, Request

_UNSERVED = {
    "assistants": "assistants",
    "audio": "audio",
    "batches": "batches",
    "containers": "containers",
    "evals": "evals",
    "files": "files",
    "fine_tuning": "fine-tuning",
    "images": "images",
    "realtime": "realtime sessions",
    "rerank": "reranking",
    "threads": "threads",
    "uploads": "uploads",
    "vector_stores": "vector stores",
    "videos": "videos",
}


class OpenAIUnserved:
    paths: Mapping[str, None] = dict.fromkeys(f"/v1/{name}{end}" for name in _UNSERVED for end in ("", "/"))
    open_to_all = True
    keyless = False

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        return headers.get(b"authorization")

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        """Raises `NotServed`."""
        del pipeline, principal
        what = _UNSERVED[request.path.split("/")[2]]
        raise NotServed(f"This gateway does not serve {what}: there is no /v1/{request.path.split('/')[2]} here.")

    def failure(self, error: GatewayError, request_id: str) -> Reply:
        return failure(error, request_id)
