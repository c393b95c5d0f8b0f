"""If these fail, a client cannot list what it may ask for, or is shown what it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.dialects.openai_models import OpenAIModels
from gateway.wire.errors import ModelNotFound
from gateway.wire.http import Request
from router.clearance import ANY, LOCAL
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import DEVELOPER, House, header, settings
from tests.servers.upstream import Upstreams

FEW = Principal("few", None, frozenset({"home"}), ANY)
NOBODY = Principal("", None, frozenset(), LOCAL)


async def get(house: House, path: str = "/v1/models", principal: Principal = DEVELOPER, **headers: str) -> Any:
    fields = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    reply = await OpenAIModels().answer(Request("GET", path, fields, b"", "req_1"), house.pipeline, principal)
    assert header(reply, "x-request-id") == "req_1"
    return json.loads(reply.body)


async def test_the_list_is_what_the_key_may_ask_for(house: House) -> None:
    listed = await get(house)
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == ["auto", "cloud", "home", "away", "embed"]
    assert all(model.keys() == {"id", "object", "created", "owned_by"} for model in listed["data"])
    assert [model["id"] for model in (await get(house, principal=FEW))["data"]] == ["home"]


async def test_a_probe_without_a_key_is_shown_that_it_is_ready_and_no_model(house: House) -> None:
    assert await get(house, principal=NOBODY) == {"object": "list", "data": []}
    assert OpenAIModels().open_to_all


@pytest.mark.parametrize("path", ["/v1/models/", "/v1/models/auto"])
async def test_one_model_or_all(house: House, path: str) -> None:
    assert (await get(house, path))["object"] == ("model" if path.endswith("auto") else "list")


async def test_a_name_may_hold_slashes(open_house: OpenHouse, upstreams: Upstreams) -> None:
    routes = {**settings(upstreams)["routes"], "org/model:1b": {"small": ["small"]}}
    assert (await get(open_house(routes=routes), "/v1/models/org/model:1b"))["id"] == "org/model:1b"


@pytest.mark.parametrize(("path", "principal"), [("/v1/models/gpt-4o", DEVELOPER), ("/v1/models/auto", FEW)])
async def test_what_is_not_there_and_what_is_not_yours_look_alike(
    house: House, path: str, principal: Principal
) -> None:
    with pytest.raises(ModelNotFound) as caught:
        await get(house, path, principal)
    assert (caught.value.status, caught.value.param) == (404, "model")


async def test_anthropics_clients_get_it_in_their_shape(house: House) -> None:
    listed = await get(house, anthropic_version="2023-06-01")
    assert [(model["type"], model["id"]) for model in listed["data"]][:2] == [("model", "auto"), ("model", "cloud")]
    assert (listed["has_more"], listed["first_id"], listed["last_id"]) == (False, "auto", "embed")
    assert (await get(house, "/v1/models/auto", anthropic_version="2023-06-01"))["display_name"] == "auto"
    assert OpenAIModels().credential({b"x-api-key": b"a"}) == b"Bearer a"
