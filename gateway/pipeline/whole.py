"""A whole answer: read, checked to be one, settled, and only then given to the client, byte for byte as it came."""

from __future__ import annotations

import orjson

from gateway.accounting.usage import Usage, estimated_usage, usage_of
from gateway.egress.engine import Answer
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.failure import error_in_answer
from gateway.wire.errors import UpstreamFailed


async def read_whole(attempt: Attempt, answer: Answer) -> tuple[bytes, dict[str, object]]:
    """The body and what it says. Raises `UpstreamFailed` for anything that is not a completion."""
    body = await answer.body()
    attempt.first_token()
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UpstreamFailed("The model's server answered with something that is not JSON.") from None
    if not isinstance(said, dict):
        raise UpstreamFailed("The model's server answered with something that is not a completion.")
    if said.get("error") is not None:
        raise error_in_answer(said["error"])
    if not _has_messages(said.get("choices")):
        raise UpstreamFailed("The model's server answered with something that is not a completion.")
    return body, said


def _has_messages(choices: object) -> bool:
    return (
        isinstance(choices, list)
        and bool(choices)
        and all(isinstance(choice, dict) and isinstance(choice.get("message"), dict) for choice in choices)
    )


def usage_in(said: dict[str, object], exchange: Exchange) -> Usage:
    """What the upstream counted, else an estimate from the characters."""
    raw = said.get("usage")
    usage = usage_of(raw) if isinstance(raw, dict) else None
    return usage or estimated_usage(exchange.characters, _answer_characters(said))


def finish_of(said: dict[str, object]) -> str | None:
    """`finish_reason` of the first choice; None while any choice has none."""
    choices = said["choices"]
    if not isinstance(choices, list) or not choices:
        return None
    reasons = [choice.get("finish_reason") if isinstance(choice, dict) else None for choice in choices]
    return str(reasons[0]) if all(reasons) else None


def _answer_characters(said: dict[str, object]) -> int:
    choices = said["choices"]
    total = 0
    for choice in choices if isinstance(choices, list) else ():
        message = choice.get("message") if isinstance(choice, dict) else None
        if isinstance(message, dict):
            total += sum(len(part) for name, part in message.items() if isinstance(part, str) and name != "role")
            calls = message.get("tool_calls")
            if calls:
                total += len(orjson.dumps(calls))
    return total
