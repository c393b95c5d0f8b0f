"""Models in Anthropic's shape: https://platform.claude.com/docs/en/api/models-list. All on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.dialects.anthropic.fields import Json


def model_list(names: Sequence[str], created: int) -> Json:
    """`created` is when this configuration came into force, in seconds since the epoch."""
    ends = {"first_id": names[0], "last_id": names[-1]} if names else {"first_id": None, "last_id": None}
    return {"data": [model_info(name, created) for name in names], "has_more": False, **ends}


def model_info(name: str, created: int) -> Json:
    at = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"type": "model", "id": name, "display_name": name, "created_at": at, "lifecycle": "active"}
