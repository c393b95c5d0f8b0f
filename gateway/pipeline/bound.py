"""Bound: the most that an attempt can come to, in tokens, and how its answer is kept within that."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from gateway.accounting.entry import Window
from gateway.accounting.prices import PriceBook
from gateway.egress.target import Target
from gateway.pipeline.exchange import Exchange, Media
from gateway.wire.call import MAX_TOKENS, Call
from gateway.wire.endpoint import CHAT, COMPLETIONS
from router.capability import Needs
from router.content import Content

FRAME_TOKENS: Final = 256  # what a server puts around a prompt of its own; gpt-oss some 80, other templates fewer
TOOLS_TOKENS: Final = 1_024  # and where there are tools; Anthropic up to 813
PICTURE_TOKENS: Final = 50_000  # the most that a published rule comes to for one (gpt-4o-mini, 8 tiles): 48,169
FILE_TOKENS: Final = 250_000  # of a file, a video or a recording: 1,000 pages of a PDF at Gemini are 258,000
LONGEST_ANSWER: Final = 10_000_000  # that anybody writes in one answer, whatever a client asks for
ANSWER_TOKENS: Final = 32_768  # an assumption, where nobody says how long an answer can get
SEARCHES: Final = 20  # that a provider makes for one answer, where it may; an assumption
FOUND_TOKENS: Final = 10_000  # that one of them puts into the prompt, billed as such; an assumption
_USUAL_TIERS: Final = frozenset({"default", "standard", "standard_only", "on_demand"})  # as providers call them
LIKELY_TOKENS: Final = 1_024  # and how long it mostly is
_LONGEST_NUMBER: Final = 12  # characters; no server has so many tokens
_FILES: Final = frozenset({"file", "video", "audio"})
_NAMES: Final = {CHAT: (MAX_TOKENS, "max_completion_tokens"), COMPLETIONS: (MAX_TOKENS,)}


class Bound(NamedTuple):
    """Tokens of the prompt and of all answers together. `sound`: whether there can be sound among them.

    `tokens` are taken of limits: of answers that nobody bounds, so many as are likely. Their money is held in full.
    """

    prompt: int
    answer: int
    tokens: int
    sound: bool


def media_of(content: Content, needs: Needs) -> Media:
    kinds = [part.kind for part in content.opaque]
    return Media(kinds.count("image"), sum(kind in _FILES for kind in kinds), "audio" in needs)


def bound_of(exchange: Exchange, size: int, window: Window, longest: int | None) -> Bound:
    """`size` is that of the body that is sent, in bytes: a token is at least one of them. What servers put around it is
    added, and what is only pointed to, or packed, by the piece. `longest`: the longest answer, where that is not for
    the call to say; `window`: what the model can take, as far as that is known.
    """
    media = exchange.media
    frame = TOOLS_TOKENS if "tools" in exchange.call.body else FRAME_TOKENS
    call = exchange.call
    prompt = size + frame + media.pictures * PICTURE_TOKENS + media.files * FILE_TOKENS
    prompt += searches_of(call) * FOUND_TOKENS
    if window.prompt is not None:
        prompt = min(prompt, window.prompt * _prompts(call))
    if call.endpoint not in _NAMES:  # vectors and the like
        return Bound(prompt, 0, prompt, media.sound)
    answers, most = _answers(call), window.completion
    guessed = size if call.body.get("prediction") else 0  # what of it turns out wrong is billed as if it were written
    answer = named_limit(call) if longest is None else longest
    if answer is None:
        unbounded = (max(ANSWER_TOKENS, _odd_limit(call)) if most is None else most) * answers + guessed
        return Bound(prompt, unbounded, prompt + min(LIKELY_TOKENS * answers, unbounded), media.sound)
    whole = (answer if most is None else min(answer, most)) * answers + guessed
    return Bound(prompt, whole, prompt + whole, media.sound)


def named_limit(call: Call) -> int | None:
    """The longest answer that the call asks for; of several, the longest. What is no number of tokens is as good as not
    there, and nobody writes more than `LONGEST_ANSWER`."""
    longest = max(
        (value for name in _NAMES.get(call.endpoint, ()) if (value := _number(call.body, name))), default=None
    )
    return None if longest is None else min(longest, LONGEST_ANSWER)


def most_of(prices: PriceBook, target: Target, call: Call, bound: Bound, at: float) -> Decimal | None:
    """Dollars that an attempt which begins at `at` costs at most; None where nobody can say."""
    return prices.most(
        target.name,
        bound.prompt,
        bound.answer,
        target.patience.total,
        audio=bound.sound,
        tier=tier_of(call),
        searches=searches_of(call),
        at=at,
    )


def writing(
    call: Call, target: Target, of_route: int | None, more: Mapping[str, object] | None
) -> tuple[Callable[[Mapping[str, object]], bytes], int | None]:
    """How the body is written that is sent, and the longest answer where that is not for the call to say: the route's
    bound, which then stands in the body. `more` is what the gateway asks for besides.
    """
    longest = of_route
    if longest is not None:
        if call.endpoint not in _NAMES or named_limit(call) is not None:
            longest = None
        else:
            name = target.limit_name if call.endpoint is CHAT else MAX_TOKENS
            odd = [other for other in _NAMES[call.endpoint] if call.body.get(other) is not None]  # heeded by some
            more = {**(more or {}), **dict.fromkeys(odd, longest), name: longest}

    def written(body: Mapping[str, object]) -> bytes:
        return call.upstream_body(target.model, target.limit_name, body, more)

    return written, longest


def _prompts(call: Call) -> int:
    """How many texts there are that a model reads one by one: its window is that of each."""
    if call.endpoint is CHAT:
        return 1
    return max(1, call.choices // (_number(call.body, "n") or 1 if call.endpoint is COMPLETIONS else 1))


def _answers(call: Call) -> int:
    """How many answers are written: also those of which only the best is given."""
    if call.endpoint is not COMPLETIONS:
        return max(1, call.choices)
    wanted = _number(call.body, "n") or 1
    return max(1, call.choices) // wanted * max(wanted, _number(call.body, "best_of") or 1)


def tier_of(call: Call) -> str | None:
    """The service tier that is asked for, empty for the usual one; None: it is the provider's account that says."""
    asked = call.body.get("service_tier")
    word = asked.strip().lower() if isinstance(asked, str) else "auto"
    return None if word == "auto" else "" if word in _USUAL_TIERS else word


def searches_of(call: Call) -> int:
    """How many the provider may make, and charge for."""
    tools, wanted = call.body.get("tools"), call.body.get("web_search_options") is not None
    kinds = [tool.get("type") for tool in (tools if isinstance(tools, list) else ()) if isinstance(tool, dict)]
    return SEARCHES if wanted or any(isinstance(kind, str) and "search" in kind for kind in kinds) else 0


def _odd_limit(call: Call) -> int:
    """The longest answer that some servers would read out of what is not the whole number it should be, such as `1e5`
    or a text."""
    longest = 0
    for name in _NAMES.get(call.endpoint, ()):
        value = call.body.get(name)
        if isinstance(value, float) and math.isfinite(value):
            longest = max(longest, math.ceil(value))
        elif isinstance(value, str) and value.strip().isdecimal() and len(value) <= _LONGEST_NUMBER:
            longest = max(longest, int(value))
    return min(longest, LONGEST_ANSWER)


def _number(body: Mapping[str, object], name: str) -> int | None:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
