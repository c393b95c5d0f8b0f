"""Heard: what somebody says of an answer that was given to another question first. A wrong one is not given again."""

from __future__ import annotations

import re
from typing import Final

from gateway.access.principal import Principal
from gateway.learning.feedback import Feedback
from gateway.pipeline.parts import Parts

_ID: Final = re.compile(r"req_[0-9a-f]{32}")  # as `gateway.wire.request_id` makes them
_GOOD: Final = 0.5  # of a score; what is below says that it was wrong


async def heard(parts: Parts, feedback: Feedback, principal: Principal) -> bool | None:
    """Whether the question was parted from the answer. None where it is not about an answer of the semantic cache, or
    about somebody else's."""
    semantic = parts.semantic
    if semantic is None or feedback.preferred is not None or _ID.fullmatch(feedback.request_id) is None:
        return None
    given = await semantic.given(feedback.request_id)
    if given is None or (given.key != principal.name and (principal.team is None or given.team != principal.team)):
        return None
    wrong = feedback.score < _GOOD
    parts.metrics.likened(given.route, "wrong" if wrong else "right")
    if wrong:
        await semantic.evict(feedback.request_id, given)
    return wrong
