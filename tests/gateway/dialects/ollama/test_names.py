"""If these fail, a client is told that a model is missing which is there, or uses one that is not for it."""

from __future__ import annotations

import pytest

from gateway.dialects.ollama.names import dialled_route_of, route_of
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


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("auto", "auto"),
        ("auto:latest", "auto"),
        ("auto:0.8", "auto:0.8"),
        ("auto:latest:0.8", "auto:0.8"),
        ("auto:quality=0.95", "auto:quality=0.95"),
        ("llama:0.2", "llama:latest:0.2"),
        ("gemma3:270m", "gemma3:270m"),
        ("gemma3:270m:share=0.2", "gemma3:270m:share=0.2"),
    ],
)
def test_a_tag_comes_before_a_dial(house: House, model: str, name: str) -> None:
    assert dialled_route_of(model, house.pipeline, DEVELOPER) == name


@pytest.mark.parametrize("model", ["gemma3:0.2", "auto:1b", "auto:1b:0.2", "other:0.2", ":0.2"])
def test_no_dial_makes_a_model_be_there(house: House, model: str) -> None:
    with pytest.raises(ModelNotFound):
        dialled_route_of(model, house.pipeline, DEVELOPER)


def test_a_dial_is_no_way_around_a_key(house: House) -> None:
    assert dialled_route_of("home:0.2", house.pipeline, KEYLESS) == "home:0.2"
    with pytest.raises(Unauthenticated):
        dialled_route_of("auto:0.2", house.pipeline, KEYLESS)
