"""What providers were seen to send, through the gateway's own reading of answers and streams, to the amount that was
worked out by hand.

The shapes stand in `golden/`, each with its sum as arithmetic: tokens × dollars per million, or millionths of a dollar.
Those with a `model` speak their provider's own dialect, and litellm translates on the way, as it does when serving.
`listed` is the name in litellm's price list whose entry, recorded in `list.json`, must come to the same amount.
"""

from __future__ import annotations

import asyncio
import binascii
import json
import struct
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gateway.accounting.entry import tariff_of
from gateway.accounting.record import Settlement
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import call, read
from tests.gateway.raw_server import request_of, serving
from tests.upstream.http import Reply

GOLDEN: Final = Path(__file__).parent / "golden"
LIST: Final[dict[str, dict[str, object]]] = json.loads(
    (GOLDEN / "list.json").read_text(), parse_float=Decimal, parse_int=Decimal
)
SHAPES: Final[dict[str, dict[str, Any]]] = {
    f"{file.stem}: {name}": shape
    for file in sorted(GOLDEN.glob("*.yaml"))
    for name, shape in yaml.safe_load(file.read_text()).items()
}

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),  # litellm keeps its clients, and they their loop
    pytest.mark.filterwarnings("ignore"),  # what litellm does to its own objects is not the gateway's to mend
]


def worked(sum_: str) -> Decimal | None:
    """Dollars, from terms such as `1,920 × 1.25` in millionths of a dollar; None for `unknown`."""
    if sum_ == "unknown":
        return None
    total = Decimal(0)
    for term in sum_.replace(",", "").split(" + "):
        factors = [Decimal(factor) for factor in term.split(" × ")]
        total += factors[0] * (factors[1] if len(factors) == 2 else 1)
    return total / 1_000_000


def pieces(shape: dict[str, Any]) -> Iterator[bytes]:
    """What the provider sends of a stream, event by event."""
    for line in shape["stream"].splitlines():
        if "bedrock" in shape.get("model", ""):
            yield from (aws_event(name, said) for name, said in json.loads(line).items())
        elif "anthropic" in shape.get("model", ""):
            yield f"event: {json.loads(line)['type']}\ndata: {line}\n\n".encode()
        else:
            yield f"data: {line}\n\n".encode()


def aws_event(name: str, said: object) -> bytes:
    """One message: https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html."""
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()
        for key, value in (
            (":event-type", name),
            (":content-type", "application/json"),
            (":message-type", "event"),
        )
    )
    payload = json.dumps(said).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", binascii.crc32(message))


async def settled(shape: dict[str, Any], open_house: OpenHouse) -> Settlement:
    """The one line of the books that comes of it."""

    async def provider(_: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        await request_of(reader)
        if "stream" not in shape:
            await reply.whole(200, shape["body"].encode())
            return
        is_bedrock = "bedrock" in shape.get("model", "")
        await reply.begin_stream({"content-type": "application/vnd.amazon.eventstream"} if is_bedrock else None)
        for piece in pieces(shape):
            await reply.piece(piece)
        await reply.end_stream()

    async with serving(provider) as base_url:
        large: dict[str, Any] = {"zone": "cloud", "engine": "openai", "base_url": base_url, "model": "m"}
        if "model" in shape:
            large |= {"engine": "litellm", "model": shape["model"], "base_url": base_url.removesuffix("/v1")}
        large |= {"api_key": "sk-of-the-house", "price": {"tokens": shape["price"]}}
        house = open_house(
            deployments={"large": large}, routes={"away": {"large": ["large"]}}, keys=[{"name": "dev", "key": "tg-key"}]
        )
        asked = shape.get("asked", {})
        await read(await house.ask(call(model="away", max_tokens=1000, stream="stream" in shape, **asked)))
    (settlement,) = house.settlements()
    return settlement


@pytest.mark.parametrize("name", SHAPES)
async def test_what_was_seen_costs_what_was_worked_out(
    name: str, open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):  # litellm signs with them
        monkeypatch.setenv(variable, "made-up")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    shape = SHAPES[name]
    settlement = await settled(shape, open_house)
    amount = worked(shape["worked"])
    assert (settlement.outcome, settlement.cost) == (shape.get("outcome", "ok"), amount)
    assert settlement.usage is not None
    assert settlement.usage.estimated == shape.get("estimated", False)
    if "listed" in shape:
        tariff = tariff_of(LIST[shape["listed"]], shape["listed"])
        assert tariff is not None
        assert tariff.cost(settlement.usage) == amount


def test_there_are_shapes_of_all_that_are_promised() -> None:
    assert len(SHAPES) >= 40
    files = {name.partition(":")[0] for name in SHAPES}
    assert {"openai", "anthropic", "gemini", "bedrock", "deepseek", "groq", "ollama", "vllm"} <= files
