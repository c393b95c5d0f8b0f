"""A gateway's inside without its processes: the real parts, built by the composition root, before scripted upstreams.

Tests call its pipeline, its dialects or its ASGI application, and read its journal.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.access.principal import Principal
from gateway.accounting.record import Declined, Intent, Settlement, record_of
from gateway.app import Gateway
from gateway.config.load import load
from gateway.config.snapshot import Snapshot
from gateway.dialects.openai_chat import call_of
from gateway.pipeline.way import Pipeline
from gateway.serving.supervisor import with_keys
from gateway.telemetry.metrics import Metrics
from gateway.wire.call import Call
from gateway.wire.http import Reply, Request
from router.clearance import ANY
from tests.harness.configs import CLOUD_PRICE
from tests.servers.upstream import Upstreams
from tests.upstream import Upstream

KEY = "tg-the-developers-key"
DEVELOPER = Principal("dev", "lab", None, ANY)
IMPATIENT = {"connect": 5.0, "first_token": 2.0, "between_chunks": 2.0, "total": 3.0}  # and yet not on a busy machine
ONE_CALL: dict[str, Any] = {"retries": {"per_attempt": 0}}  # a failure is one call: tests count them
EASY = "What is the capital of France?"
CARD = "Is my card 4970 1000 0000 0154 good?"


def deployment(upstream: Upstream, zone: str, **more: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"zone": zone, "engine": "openai", "base_url": upstream.base_url, "model": upstream.name}
    return {**settings, "price": {"tokens": CLOUD_PRICE}, "timeouts": IMPATIENT, **more}


def settings(upstreams: Upstreams, **changes: Any) -> dict[str, Any]:
    """One model at home and one outside; routes for each of the two, and for both in either order."""
    return {
        "deployments": {
            "small": deployment(upstreams.local, "local", price={"tokens": {"input": 0, "output": 0}}),
            "large": deployment(upstreams.cloud, "cloud"),
        },
        "routes": {
            "auto": {"small": ["small"], "large": ["large"], "prefer": "small", **ONE_CALL},
            "cloud": {"small": ["small"], "large": ["large"], "prefer": "large", **ONE_CALL},
            "home": {"small": ["small"], **ONE_CALL},
            "away": {"large": ["large"], **ONE_CALL},
            "embed": {"embeddings": ["small"], **ONE_CALL},
        },
        "keys": [
            {"name": "dev", "key": KEY, "team": "lab"},
            {"name": "homely", "key": "tg-stays-home", "locality": "local", "routes": ["cloud", "away"]},
        ],
        **changes,
    }


class House:
    """One generation of a gateway. Close it, or leave that to the fixture `open_house`."""

    def __init__(self, directory: Path, configuration: Mapping[str, Any]) -> None:
        self.directory = directory
        self.configuration = configuration
        self.metrics = Metrics()
        self.gateway = Gateway(self.snapshot(configuration), worker="1", metrics=self.metrics)

    def snapshot(self, configuration: Mapping[str, Any], number: int = 1) -> Snapshot:
        file = self.directory / "tidegate.yaml"
        file.write_text(json.dumps(configuration))  # JSON is YAML
        return Snapshot(number, with_keys(load(file, environ={})), {})

    @property
    def pipeline(self) -> Pipeline:
        return self.gateway.current.pipeline

    async def ask(self, call: Call, principal: Principal = DEVELOPER) -> Reply:
        return await self.pipeline.run(call, principal)

    def records(self) -> list[Intent | Settlement | Declined]:
        """All that the journal holds, in order."""
        files = sorted((self.directory / ".tidegate" / "journal").glob("*.journal"))
        lines = [line for file in files for line in file.read_bytes().splitlines()]
        return [record_of(line.partition(b"\t")[0]) for line in lines]  # what follows is its place in the audit's chain

    def declined(self) -> list[Declined]:
        return [record for record in self.records() if isinstance(record, Declined)]

    def settlements(self) -> list[Settlement]:
        return [record for record in self.records() if isinstance(record, Settlement)]

    def intents(self) -> list[Intent]:
        return [record for record in self.records() if isinstance(record, Intent)]

    def counted(self, metric: str, **labels: str) -> float:
        """The sum of the series of `/metrics` that have these labels; 0 where there is none."""
        text = self.metrics.render()[0].decode()
        wanted = {f'{name}="{value}"' for name, value in labels.items()}
        total = 0.0
        for line in text.splitlines():
            name, _, value = line.rpartition(" ")
            own, _, rest = name.partition("{")
            if own == metric and wanted <= set(rest.removesuffix("}").split(",")):
                total += float(value)
        return total

    async def close(self) -> None:
        await self.gateway.close()


def call(text: str = EASY, model: str = "auto", *, headers: Mapping[str, str] | None = None, **more: Any) -> Call:
    """A chat request as the dialect hands it over."""
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    fields = {name.encode(): value.encode() for name, value in (headers or {}).items()}
    return call_of(Request("POST", "/v1/chat/completions", fields, json.dumps(body).encode(), "req_1"))


def own_call(text: str = EASY, model: str = "auto", **more: Any) -> Call:
    """With an id of its own, as at the door."""
    made = call(text, model, **more)
    made.request_id = f"req_{uuid.uuid4().hex}"
    return made


async def read(reply: Reply) -> bytes:
    """The body, whole or streamed to its end and closed, as the door would."""
    if reply.stream is None:
        return reply.body
    pieces = []
    try:
        while piece := await reply.stream.next():
            pieces.append(piece)
    finally:
        reply.stream.close()
        if reply.over is not None:
            reply.over()
    return b"".join(pieces)


def header(reply: Reply, name: str) -> str | None:
    return next((value.decode() for key, value in reply.headers if key == name.encode()), None)
