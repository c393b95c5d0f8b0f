"""Asks a house in the dialect of Responses, as the door would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.access.principal import Principal
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.wire.errors import GatewayError
from gateway.wire.http import Reply, Request
from gateway.wire.line import Line
from gateway.wire.request_id import RequestIds
from tests.gateway.house import DEVELOPER, House, read

Json = dict[str, Any]
Outcome = bytes | GatewayError
OTHER = Principal("other", "lab", None, DEVELOPER.clearance)


class Asker:
    def __init__(self, house: House) -> None:
        self.house = house
        self._dialect = OpenAIResponses()
        self._ids = RequestIds(house.pipeline.parts.clocks.wall)

    async def send(
        self,
        method: str,
        path: str = "",
        body: object = None,
        *,
        by: Principal = DEVELOPER,
        headers: Mapping[str, str] | None = None,
        line: Line | None = None,
    ) -> Reply:
        """`path` is what follows `/v1/responses`. Raises what the dialect raises."""
        path, _, query = path.partition("?")
        fields = {name.encode(): value.encode() for name, value in (headers or {}).items()}
        raw = b"" if body is None else json.dumps(body).encode()
        request = Request(method, f"/v1/responses{path}", fields, raw, self._ids(), query.encode(), line)
        return await self._dialect.answer(request, self.house.pipeline, by)

    async def ask(self, text: object = "Hi", model: str = "auto", *, by: Principal = DEVELOPER, **more: Any) -> Json:
        """The answer to `text`, unstreamed."""
        found: Json = json.loads(await read(await self.send("POST", body=asking(text, model, **more), by=by)))
        return found

    async def events(self, text: object = "Hi", model: str = "auto", **more: Any) -> list[Json]:
        """The events of the answer to `text`."""
        return parsed(await read(await self.send("POST", body=asking(text, model, stream=True, **more))))

    async def get(self, path: str, method: str = "GET", *, by: Principal = DEVELOPER) -> Json:
        found: Json = json.loads(await read(await self.send(method, path, by=by)))
        return found

    async def outcome(self, method: str, path: str = "", body: object = None, *, by: Principal = DEVELOPER) -> Outcome:
        """The error or the bytes that it is answered with."""
        try:
            return await read(await self.send(method, path, body, by=by))
        except GatewayError as error:
            return error

    async def refusal(
        self, method: str, path: str = "", body: object = None, *, by: Principal = DEVELOPER
    ) -> GatewayError:
        """The error that it is answered with."""
        outcome = await self.outcome(method, path, body, by=by)
        assert isinstance(outcome, GatewayError), outcome
        return outcome


def asking(text: object, model: str = "auto", **more: Any) -> Json:
    return {"model": model, "input": text, **more}


def parsed(data: bytes) -> list[Json]:
    """The events; comments are none."""
    blocks = [block for block in data.decode().split("\n\n")[:-1] if not block.startswith(":")]
    return [json.loads(block.partition("\ndata: ")[2]) for block in blocks]


def text_of(response: Json) -> str:
    return "".join(part["text"] for item in response["output"] for part in item.get("content", ()) if "text" in part)
