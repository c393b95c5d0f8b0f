"""Usage: how many tokens an attempt used, read from what the upstream said, or estimated when it said nothing usable.

`prompt_tokens` and `completion_tokens` are totals; the other counts say how much of a total was of which kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

CHARACTERS_PER_TOKEN: Final = 4
"""OpenAI's own rule of thumb for English; other languages and code need fewer characters per token."""

MOST_TOKENS: Final = 2**31 - 1  # a larger count is not a count

Count = Annotated[int, Meta(ge=0, le=MOST_TOKENS)]


class Usage(Struct, frozen=True, array_like=True, gc=False):
    """Tokens of one attempt. Totals first; `estimated` when they were counted here and not by the upstream."""

    prompt_tokens: Count
    completion_tokens: Count
    cached_tokens: Count = 0  # of the prompt: read from the provider's cache
    reasoning_tokens: Count = 0  # of the completion: thought, not shown
    estimated: bool = False
    written_tokens: Count = 0  # of the prompt: written to the provider's cache
    audio_prompt_tokens: Count = 0  # of the prompt
    audio_completion_tokens: Count = 0  # of the completion
    image_prompt_tokens: Count = 0  # of the prompt
    image_completion_tokens: Count = 0  # of the completion
    written_hour_tokens: Count = 0  # of `written_tokens`: to be kept for an hour
    searches: Count = 0  # and other things that are billed by the piece
    tier: str = (
        ""  # the service tier that was billed, in the provider's word: flex, priority, batch; empty: its usual one
    )

    @property
    def has_audio(self) -> bool:
        return bool(self.audio_prompt_tokens or self.audio_completion_tokens)


def estimated_usage(prompt_characters: int, completion_characters: int) -> Usage:
    """Tokens guessed at `CHARACTERS_PER_TOKEN`, rounded up; what is not empty has at least one."""
    return Usage(
        prompt_tokens=-(-max(prompt_characters, 0) // CHARACTERS_PER_TOKEN),
        completion_tokens=-(-max(completion_characters, 0) // CHARACTERS_PER_TOKEN),
        estimated=True,
    )


def totals_of(usage: Usage) -> dict[str, int]:
    """As OpenAI writes them."""
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def usage_of(raw: Mapping[str, object]) -> Usage | None:
    """The `usage` object of a chat completion, an embedding, a Responses or a Messages answer; None if it is unusable.

    Unusable: a total that is missing, negative, fractional or absurd; and a prompt of zero tokens, which no model has
    answered: that is a meter that did not run. A detail that makes no sense is left out, the totals stand.
    """
    if len(raw) == 3 and (plain := _plain(raw)) is not None:
        return plain
    if "prompt_tokens" not in raw and "input_tokens" in raw:
        return _of_input_and_output(raw)
    prompt = _count(raw.get("prompt_tokens"))
    completion = _count(raw.get("completion_tokens"))
    total = _count(raw.get("total_tokens"))
    if not prompt:
        return None
    prompt_details = _details(raw, "prompt_tokens_details")
    completion_details = _details(raw, "completion_tokens_details")
    reasoning = _count(completion_details.get("reasoning_tokens")) or 0
    if completion is None:
        if total is None or total < prompt or raw.get("completion_tokens") is not None:
            return None
        completion = total - prompt  # embeddings: a prompt and a total
    if total is not None and total > prompt + completion:
        # Gemini and xAI leave what was thought out of `completion_tokens`; it is in the total, and it is billed.
        reasoning = max(reasoning, total - prompt - completion)
        completion = total - prompt
    cached = (
        _count(prompt_details.get("cached_tokens"))
        or _count(raw.get("prompt_cache_hit_tokens"))  # DeepSeek
        or _count(raw.get("cache_read_input_tokens"))  # Anthropic's name, passed on by some gateways
    )
    written = _count(raw.get("cache_creation_input_tokens")) or _count(prompt_details.get("cache_creation_tokens"))
    return _usage(
        prompt,
        completion,
        cached=cached or 0,
        reasoning=reasoning,
        written=written or 0,
        audio_in=_count(prompt_details.get("audio_tokens")) or 0,
        audio_out=_count(completion_details.get("audio_tokens")) or 0,
    )


def _plain(raw: Mapping[str, object]) -> Usage | None:
    """Three whole numbers that add up, as most servers send them; None where it takes a closer look."""
    prompt, completion, total = raw.get("prompt_tokens"), raw.get("completion_tokens"), raw.get("total_tokens")
    if type(prompt) is int and type(completion) is int and prompt > 0 <= completion and prompt + completion == total:
        return Usage(prompt, completion) if total <= MOST_TOKENS else None
    return None


def _of_input_and_output(raw: Mapping[str, object]) -> Usage | None:
    """OpenAI Responses (`input_tokens` holds the cached ones) and Anthropic Messages (it does not)."""
    prompt, completion = _count(raw.get("input_tokens")), _count(raw.get("output_tokens"))
    if prompt is None or completion is None:
        return None
    cached = _count(raw.get("cache_read_input_tokens"))
    written = _count(raw.get("cache_creation_input_tokens"))
    if cached is not None or written is not None:
        prompt += (cached or 0) + (written or 0)
    else:
        cached = _count(_details(raw, "input_tokens_details").get("cached_tokens"))
    if not prompt:
        return None
    reasoning = _count(_details(raw, "output_tokens_details").get("reasoning_tokens")) or 0
    return _usage(prompt, completion, cached=cached or 0, reasoning=reasoning, written=written or 0)


def _usage(
    prompt: int, completion: int, *, cached: int, reasoning: int, written: int, audio_in: int = 0, audio_out: int = 0
) -> Usage | None:
    """Holds every part to its total: a part that would make a kind of token negative is not believed."""
    if prompt > MOST_TOKENS or completion > MOST_TOKENS:
        return None
    if cached > prompt:
        cached = 0
    if written > prompt - cached:
        written = 0
    if audio_in > prompt - cached - written:
        audio_in = 0
    if reasoning > completion:
        reasoning = 0
    if audio_out > completion - reasoning:
        audio_out = 0
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=cached,
        reasoning_tokens=reasoning,
        written_tokens=written,
        audio_prompt_tokens=audio_in,
        audio_completion_tokens=audio_out,
    )


def _details(raw: Mapping[str, object], name: str) -> Mapping[str, object]:
    details = raw.get(name)
    return details if isinstance(details, dict) else {}


def _count(value: object) -> int | None:
    """A whole number of tokens, 0 or more; `12.0` counts, `12.5`, `true`, `"12"` and NaN do not."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    if not isinstance(value, int) or not 0 <= value <= MOST_TOKENS:
        return None
    return value
