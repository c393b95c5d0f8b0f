"""Requests to a dialect of Ollama's, as the door hands them over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.access.principal import Principal
from gateway.dialects.dialect import Dialect
from gateway.wire.http import Reply, Request
from router.clearance import LOCAL
from tests.gateway.house import DEVELOPER, House, read

KEYLESS = Principal("anonymous", None, frozenset({"home"}), LOCAL, has_key=False)


async def ask(
    dialect: Dialect,
    house: House,
    path: str,
    body: object = None,
    *,
    principal: Principal = DEVELOPER,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    raw = {name.encode(): value.encode() for name, value in (headers or {}).items()}
    data = b"" if body is None else json.dumps(body).encode()
    return await dialect.answer(Request(method, path, raw, data, "req_1"), house.pipeline, principal)


async def said(reply: Reply) -> Any:
    return json.loads(await read(reply))


async def lines(reply: Reply) -> list[Any]:
    return [json.loads(line) for line in (await read(reply)).splitlines()]
