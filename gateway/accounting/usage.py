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
    def is_mixed(self) -> bool:
        """Whether any of the tokens may have a rate of their own."""
        return bool(
            self.cached_tokens
            or self.reasoning_tokens
            or self.written_tokens
            or self.audio_prompt_tokens
            or self.audio_completion_tokens
            or self.image_prompt_tokens
            or self.image_completion_tokens
        )


def estimated_usage(prompt_characters: int, completion_characters: int, tier: object = None) -> Usage:
    """Tokens guessed at `CHARACTERS_PER_TOKEN`, rounded up; what is not empty has at least one.

    `tier` is the `service_tier` that the answer named.
    """
    return Usage(
        prompt_tokens=-(-max(prompt_characters, 0) // CHARACTERS_PER_TOKEN),
        completion_tokens=-(-max(completion_characters, 0) // CHARACTERS_PER_TOKEN),
        estimated=True,
        tier=_tier(tier),
    )


def totals_of(usage: Usage) -> dict[str, int]:
    """As OpenAI writes them."""
    prompt, completion = usage.prompt_tokens, usage.completion_tokens
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def usage_of(raw: Mapping[str, object], tier: object = None) -> Usage | None:
    """The `usage` object of a chat completion, an embedding, a Responses or a Messages answer; None if it is unusable.

    `tier` is the `service_tier` that stands beside it. Unusable: a total that is missing, negative, fractional or
    absurd; and a prompt of zero tokens, which no model has answered: that is a meter that did not run. A detail that
    makes no sense is left out, the totals stand.
    """
    billed = _tier(raw.get("service_tier") or tier)
    if len(raw) == 3 and (plain := _plain(raw, billed)) is not None:
        return plain
    if "prompt_tokens" not in raw and "input_tokens" in raw:
        return _of_input_and_output(raw, billed)
    prompt = _count(raw.get("prompt_tokens"))
    completion = _count(raw.get("completion_tokens"))
    total = _count(raw.get("total_tokens"))
    if not prompt:
        return None
    sent = _details(raw, "prompt_tokens_details")
    made = _details(raw, "completion_tokens_details")
    reasoning = _count(made.get("reasoning_tokens")) or 0
    if completion is None:
        if total is None or total < prompt or raw.get("completion_tokens") is not None:
            return None
        completion = total - prompt  # embeddings: a prompt and a total
    if total is not None and total > prompt + completion:
        # Gemini and xAI leave what was thought out of `completion_tokens`; it is in the total, and it is billed.
        reasoning = max(reasoning, total - prompt - completion)
        completion = total - prompt
    cached = (
        _count(sent.get("cached_tokens"))
        or _count(raw.get("prompt_cache_hit_tokens"))  # DeepSeek
        or _count(raw.get("cache_read_input_tokens"))  # Anthropic's name, passed on by some gateways
        or 0
    )
    return _usage(prompt, completion, raw, sent, made, cached=cached, reasoning=reasoning, tier=billed)


_USUAL: Final = frozenset({"", "default", "standard", "on_demand", "auto", "scale"})
"""Words for the tier whose rates are the usual ones. `scale` is paid for in advance."""


def _tier(value: object) -> str:
    """The provider's word, in small letters; empty for its usual tier. A word that nobody knows has no price."""
    word = value.strip().lower()[:_LONGEST_WORD] if isinstance(value, str) else ""
    return "" if word in _USUAL else word


_LONGEST_WORD: Final = 32  # characters of a tier


def _plain(raw: Mapping[str, object], tier: str) -> Usage | None:
    """Three whole numbers that add up, as most servers send them; None where it takes a closer look."""
    prompt, completion, total = raw.get("prompt_tokens"), raw.get("completion_tokens"), raw.get("total_tokens")
    if type(prompt) is int and type(completion) is int and prompt > 0 <= completion and prompt + completion == total:
        return Usage(prompt, completion, tier=tier) if total <= MOST_TOKENS else None
    return None


def _of_input_and_output(raw: Mapping[str, object], tier: str) -> Usage | None:
    """OpenAI Responses (`input_tokens` holds the cached ones) and Anthropic Messages (it does not)."""
    prompt, completion = _count(raw.get("input_tokens")), _count(raw.get("output_tokens"))
    if prompt is None or completion is None:
        return None
    sent, made = _details(raw, "input_tokens_details"), _details(raw, "output_tokens_details")
    cached = _count(raw.get("cache_read_input_tokens"))
    written = _count(raw.get("cache_creation_input_tokens"))
    if cached is not None or written is not None:
        prompt += (cached or 0) + (written or 0)
    else:
        cached = _count(sent.get("cached_tokens"))
    if not prompt:
        return None
    reasoning = _count(made.get("reasoning_tokens")) or 0
    return _usage(prompt, completion, raw, sent, made, cached=cached or 0, reasoning=reasoning, tier=tier)


def _usage(
    prompt: int,
    completion: int,
    raw: Mapping[str, object],
    sent: Mapping[str, object],
    made: Mapping[str, object],
    *,
    cached: int,
    reasoning: int,
    tier: str,
) -> Usage | None:
    """With the kinds of tokens in `sent` and `made`, the details of the two totals, each held to its total.

    Kinds overlap where a provider counts sound that it had in its cache as both: then it is what the cache leaves.
    """
    if prompt > MOST_TOKENS or completion > MOST_TOKENS:
        return None
    cached = _part(cached, prompt, prompt)
    written = (
        _count(raw.get("cache_creation_input_tokens"))
        or _count(sent.get("cache_write_tokens"))
        or _count(sent.get("cache_creation_tokens"))
        or 0
    )
    left = prompt - cached
    hour = 0
    if written:
        written = written if written <= left else 0
        by_time = _details(raw, "cache_creation") or _details(sent, "cache_creation_token_details")
        hour = min(_count(by_time.get("ephemeral_1h_input_tokens")) or 0, written)
    left -= written
    audio_in = _part(sent.get("audio_tokens"), prompt, left)
    image_in = _part(sent.get("image_tokens"), prompt, left - audio_in)
    reasoning = _part(reasoning, completion, completion)
    left = completion - reasoning
    audio_out = _part(made.get("audio_tokens"), completion, left)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=cached,
        reasoning_tokens=reasoning,
        written_tokens=written,
        audio_prompt_tokens=audio_in,
        audio_completion_tokens=audio_out,
        image_prompt_tokens=image_in,
        image_completion_tokens=_part(made.get("image_tokens"), completion, left - audio_out),
        written_hour_tokens=hour,
        searches=_searches(raw, sent),
        tier=tier,
    )


def _part(value: object, total: int, left: int) -> int:
    """How many tokens of a total are of a kind, of which `left` are of no other; a part above the total is not
    believed."""
    tokens = _count(value)
    return min(tokens, left) if tokens and tokens <= total else 0


def _searches(raw: Mapping[str, object], sent: Mapping[str, object]) -> int:
    """Searches on the web that are billed beside the tokens."""
    return (
        _count(_details(raw, "server_tool_use").get("web_search_requests"))  # Anthropic
        or _count(sent.get("web_search_requests"))  # litellm
        or _count(raw.get("num_sources_used"))  # xAI bills by the source
        or _count(raw.get("num_search_queries"))  # Perplexity
        or (1 if raw.get("search_context_size") else 0)  # Perplexity: a fee for each call, by the size
    )


def _details(raw: Mapping[str, object], name: str) -> Mapping[str, object]:
    details = raw.get(name)
    return details if isinstance(details, dict) else {}


def _count(value: object) -> int | None:
    """A whole number of tokens, 0 or more; `12.0` counts, `12.5`, `true`, `"12"` and NaN do not."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else None
