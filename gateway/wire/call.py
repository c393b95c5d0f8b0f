"""The Call: one parsed OpenAI chat request, the form in which every dialect hands its requests to the pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.wire.json import serialise
from router.clearance import ANY, Clearance


@dataclass(slots=True)
class Call:
    """`body` is the parsed body, nothing taken out: what is sent upstream is the serialisation of what is scanned.

    `wants_usage`: the client asked for a usage chunk. `wants_receipt`: and for the receipt inside it.
    `localities` are the caller's own labels and `cache_control` its header, as they came. `inherited` is the clearance
    of earlier content that stands in the body: of the stored conversation that this call goes on with.
    """

    body: dict[str, object]
    route: str
    request_id: str
    size: int = 0  # bytes of the body as it came, decompressed
    streamed: bool = False
    wants_usage: bool = False
    wants_receipt: bool = False
    choices: int = 1
    endpoint: str = "/chat/completions"
    localities: tuple[str, ...] = ()
    cache_control: str | None = None
    inherited: Clearance = ANY

    def upstream_body(self, model: str) -> bytes:
        """The body for a deployment: its own model name, and usage always asked for in streams, so money is exact."""
        body = {**self.body, "model": model}
        if self.streamed:
            options = self.body.get("stream_options")
            given = options if isinstance(options, dict) else {}
            body["stream_options"] = {**given, "include_usage": True}
        return serialise(body)
