"""If these fail, a client lists what it may not use, or cannot tell what a model can do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.dialects.ollama.models import OllamaModels
from gateway.wire.errors import BadRequest, ModelNotFound, Unauthenticated
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.dialects.ollama.asking import KEYLESS, ask, said
from tests.gateway.house import DEVELOPER, House, deployment, header
from tests.servers.upstream import Upstreams

FEW = Principal("few", None, frozenset({"home"}), ANY)


async def told(house: House, path: str, body: object = None, principal: Principal = DEVELOPER) -> Any:
    method = "GET" if body is None else "POST"
    reply = await ask(OllamaModels(), house, path, body, principal=principal, method=method)
    assert header(reply, "x-request-id") == "req_1"
    return await said(reply)


async def names(house: House, path: str, principal: Principal = DEVELOPER) -> list[str]:
    return [model["name"] for model in (await told(house, path, principal=principal))["models"]]


async def test_the_list_is_what_the_caller_may_use(house: House) -> None:
    assert await names(house, "/api/tags") == ["auto", "cloud", "home", "away", "embed"]
    assert await names(house, "/api/tags", FEW) == await names(house, "/api/tags", KEYLESS) == ["home"]
    (model,) = (await told(house, "/api/tags", principal=FEW))["models"]
    assert model["model"] == model["name"]
    assert re.fullmatch("[0-9a-f]{64}", model["digest"])
    assert model["modified_at"].endswith("Z")
    assert model["details"].keys() == {
        "parent_model",
        "format",
        "family",
        "families",
        "parameter_size",
        "quantization_level",
    }


async def test_running_is_what_a_model_at_home_answers(house: House) -> None:
    assert await names(house, "/api/ps") == ["auto", "cloud", "home"]
    for _ in range(3):
        house.pipeline.parts.fleet.failed("small")
    assert await names(house, "/api/ps") == []
    house.pipeline.parts.fleet.succeeded("small")
    (model,) = (await told(house, "/api/ps", principal=FEW))["models"]
    assert (model["size_vram"], model["expires_at"][:4]) == (0, "9999")


@pytest.mark.parametrize("field", ["model", "name"])
async def test_one_model(house: House, field: str) -> None:
    shown = await told(house, "/api/show", {field: "auto", "verbose": True})
    assert shown["capabilities"] == ["completion", "tools", "vision"]
    assert shown["model_info"]["general.basename"] == "auto"
    assert shown["modelfile"] == "FROM auto\n"
    assert (await told(house, "/api/show", {"model": "embed"}))["capabilities"] == ["embedding"]


async def test_what_a_model_can_is_what_one_of_its_deployments_can(open_house: OpenHouse, upstreams: Upstreams) -> None:
    plain = deployment(upstreams.local, "local", tools=False, vision=False)
    house = open_house(
        deployments={"plain": plain, "seeing": deployment(upstreams.cloud, "cloud", tools=False)},
        routes={
            "blind": {"small": ["plain"]},
            "both": {"small": ["plain"], "large": ["seeing"], "embeddings": ["plain"]},
        },
        keys=[],
    )
    assert (await told(house, "/api/show", {"model": "blind"}))["capabilities"] == ["completion"]
    assert (await told(house, "/api/show", {"model": "both"}))["capabilities"] == ["completion", "vision", "embedding"]


async def test_what_is_not_there_and_what_is_not_yours_look_alike(house: House) -> None:
    for body, principal in (({"model": "llama9"}, DEVELOPER), ({"model": "auto"}, FEW)):
        with pytest.raises(ModelNotFound, match=rf"^model '{body['model']}' not found$"):
            await told(house, "/api/show", body, principal)
    with pytest.raises(Unauthenticated):
        await told(house, "/api/show", {"model": "auto"}, KEYLESS)
    with pytest.raises(BadRequest):
        await told(house, "/api/show", {})
