"""The Call: one parsed OpenAI request, the form in which every dialect hands its requests to the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.wire.endpoint import CHAT, Endpoint
from gateway.wire.json import serialise
from gateway.wire.line import Line
from router.clearance import ANY, Clearance

MAX_TOKENS: Final = "max_tokens"  # what most servers call the limit of an answer


_FIELDS: Final[tuple[str, ...]] = (
    "body",
    "cache_control",
    "choices",
    "dial",
    "endpoint",
    "inherited",
    "is_translated",
    "labels",
    "line",
    "localities",
    "request_id",
    "route",
    "session",
    "size",
    "streamed",
    "tags",
    "tokens",
    "wants_receipt",
    "wants_usage",
)


class Call:
    """`body` is the parsed body, nothing taken out: what is sent upstream is the serialisation of what is scanned.

    `wants_usage`: the client asked for a usage chunk. `wants_receipt`: and for the receipt inside it.
    `choices`: how many parts the answer has to have; for embeddings, vectors. `tokens`: how many of the prompt came as
    numbers, which cannot be read. `localities`, `labels` and `tags` are what the caller says of the content,
    `cache_control` its header, and `dial` how much of the large model it may have, as they came.
    `is_translated`: the words of the body are the gateway's, not the client's, so the limit of the answer may be named
    as a deployment wants it. `line`: where comments may be sent while the client waits for a stream; None: nowhere.
    `inherited` is the clearance of earlier content that stands in the body: of the stored conversation that this call
    goes on with. `session`: what the caller calls the conversation.
    """

    __slots__ = _FIELDS

    def __init__(
        self,
        body: dict[str, object],
        route: str,
        request_id: str,
        size: int = 0,  # bytes of the body as it came, decompressed
        streamed: bool = False,
        wants_usage: bool = False,
        wants_receipt: bool = False,
        choices: int = 1,
        endpoint: Endpoint = CHAT,
        tokens: int = 0,
        localities: tuple[str, ...] = (),
        labels: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
        cache_control: str | None = None,
        dial: str | None = None,
        is_translated: bool = False,
        line: Line | None = None,
        inherited: Clearance = ANY,
        session: str | None = None,
    ) -> None:
        self.body = body
        self.route = route
        self.request_id = request_id
        self.size = size
        self.streamed = streamed
        self.wants_usage = wants_usage
        self.wants_receipt = wants_receipt
        self.choices = choices
        self.endpoint = endpoint
        self.tokens = tokens
        self.localities = localities
        self.labels = labels
        self.tags = tags
        self.cache_control = cache_control
        self.dial = dial
        self.is_translated = is_translated
        self.line = line
        self.inherited = inherited
        self.session = session

    def whole(self, body: dict[str, object]) -> Call:
        """The same with another body, and an answer that is not streamed."""
        made = Call(body, self.route, self.request_id)
        for name in _FIELDS:
            if name not in ("body", "streamed", "line"):
                setattr(made, name, getattr(self, name))
        return made

    def upstream_body(
        self,
        model: str,
        limit_name: str = MAX_TOKENS,
        masked: Mapping[str, object] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> bytes:
        """The body for a deployment: its own model name, and usage always asked for in streams, so money is exact.

        `masked` is the body with placeholders, and is sent instead of the client's own. `more` is what the gateway asks
        for besides.
        """
        body = {**(self.body if masked is None else masked), "model": model}
        if more:
            body |= more
        if self.is_translated and limit_name != MAX_TOKENS and MAX_TOKENS in body:
            body[limit_name] = body.pop(MAX_TOKENS)
        if self.streamed:
            options = body.get("stream_options")
            given = options if isinstance(options, dict) else {}
            body["stream_options"] = {**given, "include_usage": True}
        return serialise(body)
