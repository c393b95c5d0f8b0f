"""Response: the object that a client gets, whole, or in its events as it grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

_STOPPED = {"length": "max_output_tokens", "content_filter": "content_filter"}


def incomplete_reason(finish: object) -> str | None:
    """Why an answer with that finish reason is not whole; None where it is."""
    return _STOPPED.get(finish) if isinstance(finish, str) else None


def opened(request: Mapping[str, Any], response_id: str, created: int) -> Json:
    """The response before anything was answered: what was asked for, as it is in force."""
    given = request.get("reasoning") or {}
    return {
        "id": response_id,
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": request.get("instructions"),
        "max_output_tokens": request.get("max_output_tokens"),
        "max_tool_calls": request.get("max_tool_calls"),
        "model": request["model"],
        "output": [],
        "parallel_tool_calls": request.get("parallel_tool_calls") is not False,
        "previous_response_id": request.get("previous_response_id"),
        "reasoning": {"effort": given.get("effort"), "summary": given.get("summary")},
        "store": request.get("store") is not False,
        "temperature": request.get("temperature"),
        "text": request.get("text") or {"format": {"type": "text"}},
        "tool_choice": request.get("tool_choice") or "auto",
        "tools": request.get("tools") or [],
        "top_logprobs": request.get("top_logprobs") or 0,
        "top_p": request.get("top_p"),
        "truncation": request.get("truncation") or "disabled",
        "usage": None,
        "user": request.get("user"),
        "metadata": request.get("metadata") or {},
    }


def closed(response: Json, output: Sequence[Json], finish: object, usage: Mapping[str, Any] | None) -> Json:
    """The same, answered."""
    reason = incomplete_reason(finish)
    return {
        **response,
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "output": list(output),
        "usage": None if usage is None else usage_of(usage),
    }


def failed(response: Json, output: Sequence[Json], error: Mapping[str, Any]) -> Json:
    """The same, broken off."""
    about = {"code": "server_error", "message": str(error.get("message", ""))}
    return {**response, "status": "failed", "error": about, "output": list(output)}


def usage_of(usage: Mapping[str, Any]) -> Json:
    """Chat's usage in the words of Responses."""
    prompt, completion = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    prompt_details, completion_details = (
        usage.get(f"{side}_tokens_details") or {} for side in ("prompt", "completion")
    )
    return {
        "input_tokens": prompt,
        "input_tokens_details": {
            "cached_tokens": prompt_details.get("cached_tokens") or 0,
            "cache_write_tokens": prompt_details.get("cache_creation_tokens") or 0,
        },
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": completion_details.get("reasoning_tokens") or 0},
        "total_tokens": usage.get("total_tokens", prompt + completion),
    }
