"""A whole answer to a masked request, with what its placeholders stand for.

Every text of it is restored, each for itself: what is said, thoughts, refusals, and the arguments of calls, in which a
value is escaped as JSON wants it.
"""

from __future__ import annotations

from typing import Any

import orjson

from gateway.wire.errors import UpstreamFailed
from router.masking.proof import MaskedBody
from router.masking.restorer import restored

# Names and numbers of servers, that hold no text of a model.
_FIXED_NAMES = """
    id object model role type index finish_reason system_fingerprint service_tier tool_call_id call_id
    signature encrypted_content data format status
"""
FIXED = frozenset(_FIXED_NAMES.split())
DEEPEST = 254  # levels: orjson reads 1,024 and writes so many


def restored_answer(body: bytes, masking: MaskedBody) -> bytes:
    """The body for the client. Raises `UpstreamFailed` for one that is nested too deeply to be written."""
    try:
        return orjson.dumps(restored_value(orjson.loads(body), masking))
    except orjson.JSONEncodeError:
        raise UpstreamFailed("The model's server answered with something that is nested too deeply.") from None


def restored_value(value: Any, masking: MaskedBody, depth: int = 0) -> Any:
    """Any JSON value."""
    if depth > DEEPEST:
        return value
    if isinstance(value, str):
        return restored(value, masking.values, escapes=masking.escapes)
    if isinstance(value, dict):
        return {
            name: item if name in FIXED else restored_value(item, masking, depth + 1) for name, item in value.items()
        }
    if isinstance(value, list):
        return [restored_value(item, masking, depth + 1) for item in value]
    return value
