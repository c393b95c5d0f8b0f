"""If these fail, a client that pulls what it uses does not get going, or believes that it has made a model."""

from __future__ import annotations

import pytest

from gateway.access.principal import Principal
from gateway.dialects.ollama.management import OllamaManagement
from gateway.wire.errors import ModelNotFound, NotServed, Unauthenticated
from router.clearance import ANY
from tests.gateway.dialects.ollama.asking import KEYLESS, ask, lines
from tests.gateway.house import House, header

FEW = Principal("few", None, frozenset({"home"}), ANY)


async def test_pulling_what_is_there_succeeds(house: House) -> None:
    reply = await ask(OllamaManagement(), house, "/api/pull", {"model": "home"}, principal=KEYLESS)
    assert header(reply, "content-type") == "application/x-ndjson"
    assert (await lines(reply))[-1] == {"status": "success"}
    reply = await ask(OllamaManagement(), house, "/api/pull", {"name": "home", "stream": False})
    assert (header(reply, "content-type"), await lines(reply)) == ("application/json", [{"status": "success"}])


async def test_pulling_anything_else_does_not(house: House) -> None:
    with pytest.raises(ModelNotFound):
        await ask(OllamaManagement(), house, "/api/pull", {"model": "llama9"})
    with pytest.raises(ModelNotFound):
        await ask(OllamaManagement(), house, "/api/pull", {"model": "auto"}, principal=FEW)
    with pytest.raises(Unauthenticated):
        await ask(OllamaManagement(), house, "/api/pull", {"model": "auto"}, principal=KEYLESS)


@pytest.mark.parametrize("path", ["/api/push", "/api/create", "/api/copy", "/api/delete", "/api/blobs/sha256:00"])
async def test_there_is_nothing_else_to_do(house: House, path: str) -> None:
    with pytest.raises(NotServed, match="this is a gateway") as caught:
        await ask(OllamaManagement(), house, path, {"model": "home"})
    assert caught.value.status == 404
