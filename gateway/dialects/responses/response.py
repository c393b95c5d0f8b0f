"""Response: the object that a client gets, whole, or in its events as it grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.accounting.usage import usage_of

Json = dict[str, Any]

_STOPPED = {"length": "max_output_tokens", "content_filter": "content_filter"}


def incomplete_reason(finish: object) -> str | None:
    """Why an answer with that finish reason is not whole; None where it is."""
    return _STOPPED.get(finish) if isinstance(finish, str) else None


def opened(said: Mapping[str, Any], model: str, response_id: str, created: int, *, store: bool) -> Json:
    """The response before anything was answered: what was asked for, as it is in force."""
    return {
        "id": response_id,
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "store": store,
        "usage": None,
        **said,
    }


def closed(response: Json, output: Sequence[Json], finish: object, usage: object, now: int) -> Json:
    """The same, answered."""
    reason = incomplete_reason(finish)
    return {
        **response,
        "status": "incomplete" if reason else "completed",
        "completed_at": None if reason else now,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": list(output),
        "usage": _usage(usage),
    }


def failed(response: Json, output: Sequence[Json], message: str) -> Json:
    """The same, broken off. It is never kept."""
    about = {"code": "server_error", "message": message}
    return {**response, "status": "failed", "error": about, "output": list(output), "store": False}


def _usage(raw: object) -> Json | None:
    """Chat's usage in the words of Responses; None where it makes no sense."""
    usage = usage_of(raw) if isinstance(raw, dict) else None
    if usage is None:
        return None
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": usage.written_tokens},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
