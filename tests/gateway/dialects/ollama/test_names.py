"""If these fail, a client is told that a model is missing which is there, or uses one that is not for it."""

from __future__ import annotations

import pytest

from gateway.dialects.ollama.names import route_of
from gateway.wire.errors import ModelNotFound, Unauthenticated
from tests.gateway.conftest import OpenHouse
from tests.gateway.dialects.ollama.asking import KEYLESS
from tests.gateway.house import DEVELOPER, House


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    one = {"small": ["small"]}
    return open_house(routes={"auto": one, "home": one, "llama:latest": one, "gemma3:270m": one}, keys=[])


@pytest.mark.parametrize(
    ("model", "route"),
    [
        ("auto", "auto"),
        ("auto:latest", "auto"),
        ("llama", "llama:latest"),
        ("llama:latest", "llama:latest"),
        ("gemma3:270m", "gemma3:270m"),
    ],
)
def test_no_tag_is_the_latest(house: House, model: str, route: str) -> None:
    assert route_of(model, house.pipeline, DEVELOPER) == route


@pytest.mark.parametrize("model", ["gemma3", "auto:1b", "", ":latest", "auto:latest:latest", "x" * 500])
def test_what_is_not_there_is_not_found_in_ollamas_words(house: House, model: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        route_of(model, house.pipeline, DEVELOPER)
    assert caught.value.message == f"model '{model[:100]}' not found"


def test_without_a_key_most_are_refused_with_advice(house: House) -> None:
    assert route_of("home", house.pipeline, KEYLESS) == "home"
    with pytest.raises(Unauthenticated, match="OLLAMA_API_KEY"):
        route_of("auto", house.pipeline, KEYLESS)
