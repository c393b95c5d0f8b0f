"""If these fail, a key asks for what is not its own, or a caller's label is ignored."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from gateway.access.principal import Principal
from gateway.pipeline.admit import admit, labels_of
from gateway.wire.endpoint import CHAT, COMPLETIONS, EMBEDDINGS, MODERATIONS, Endpoint
from gateway.wire.errors import BadRequest, Forbidden, ModelNotFound
from router.clearance import ANY, LOCAL, Clearance
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import DEVELOPER, House, call

HOMELY = Principal("homely", None, None, LOCAL)


async def test_a_known_route_is_let_in(house: House) -> None:
    exchange = admit(house.pipeline.parts, call(), DEVELOPER)
    assert (exchange.route.name, exchange.narrowed, exchange.receipt.route) == ("auto", ANY, "auto")
    assert labels_of(exchange) == ()


async def test_an_unknown_route_is_named_in_short(house: House) -> None:
    with pytest.raises(ModelNotFound) as caught:
        admit(house.pipeline.parts, call(model="x" * 1000), DEVELOPER)
    assert caught.value.param == "model"
    assert len(caught.value.message) < 200


async def test_what_it_is_tagged_with_is_read_once(house: House) -> None:
    tagged = admit(house.pipeline.parts, call(headers={"x-tidegate-tags": "Eval, batch"}), DEVELOPER)
    assert tagged.tags == {"batch", "eval"}
    assert admit(house.pipeline.parts, call(), DEVELOPER).tags == frozenset()
    personal = admit(house.pipeline.parts, call(headers={"x-tidegate-tags": "batch, anna@example.org"}), DEVELOPER)
    assert personal.tags == {"batch"}


async def test_a_key_may_ask_for_its_own_routes_only(house: House) -> None:
    few = Principal("few", None, frozenset({"home"}), ANY)
    assert admit(house.pipeline.parts, call(model="home"), few).route.name == "home"
    with pytest.raises(Forbidden):
        admit(house.pipeline.parts, call(model="away"), few)


@pytest.mark.parametrize(
    ("model", "endpoint"),
    [("embed", CHAT), ("embed", COMPLETIONS), ("embed", MODERATIONS), ("auto", EMBEDDINGS), ("auto", MODERATIONS)],
)
async def test_a_route_serves_what_it_lists_deployments_for(house: House, model: str, endpoint: Endpoint) -> None:
    request = call(model=model)
    request.endpoint = endpoint
    with pytest.raises(BadRequest) as caught:
        admit(house.pipeline.parts, request, DEVELOPER)
    assert (caught.value.code, caught.value.param) == ("wrong_endpoint", "model")
    assert endpoint.service in caught.value.message


async def test_savings_are_counted_against_what_would_have_been_asked_instead(open_house: OpenHouse) -> None:
    routes = {"auto": {"small": ["small"], "large": ["large"], "embeddings": ["small"]}}
    house = open_house(routes=routes, keys=[], reference="large")
    parts = house.pipeline.parts
    assert admit(parts, call(), DEVELOPER).reference == "large"
    request = call()
    request.endpoint = EMBEDDINGS
    assert admit(parts, request, DEVELOPER).reference is None  # a chat model is no measure for vectors


CLEARANCES = st.sampled_from(["any", "local", "eu+local", "masked", "masked:eu+local", "cloud"]).map(Clearance.parse)
ZONES = st.lists(st.sampled_from(["local", "eu", "cloud"]), min_size=1, unique=True)


@given(zones=ZONES, masked=st.booleans(), locality=st.sampled_from([ANY, LOCAL, Clearance.parse("eu+local")]))
@given_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
async def test_a_callers_label_narrows_and_never_widens(
    house: House, zones: list[str], masked: bool, locality: Clearance
) -> None:
    text = ("masked:" if masked else "") + "+".join(zones)
    exchange = admit(
        house.pipeline.parts,
        call(headers={"x-tidegate-locality": f" {text.upper()} "}),
        Principal("p", None, None, locality),
    )
    joined = locality.join(Clearance.parse(text))
    assert exchange.narrowed == joined
    for zone in ("local", "eu", "cloud"):
        assert exchange.narrowed.permits(zone) <= locality.permits(zone)


@pytest.mark.parametrize("label", ["", "everywhere!", "local,any", "local+", "lo cal"])
async def test_a_label_that_is_none_is_refused_not_ignored(house: House, label: str) -> None:
    request = call()
    request.localities = ("any", label)
    with pytest.raises(BadRequest) as caught:
        admit(house.pipeline.parts, request, DEVELOPER)
    assert caught.value.code == "invalid_locality"


async def test_the_keys_own_label_is_told_from_the_callers(house: House) -> None:
    request = call(headers={"x-tidegate-locality": "eu"})
    request.inherited = Clearance.parse("masked")
    labels = labels_of(admit(house.pipeline.parts, request, HOMELY))
    assert [(label.source, str(label.clearance)) for label in labels] == [
        ("key", "local"),
        ("caller", "eu"),
        ("conversation", "masked"),
    ]


@given(before=CLEARANCES, key=CLEARANCES)
@given_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
async def test_a_conversation_is_never_wider_than_it_was(house: House, before: Clearance, key: Clearance) -> None:
    """Whatever the key may do: what was said before keeps the clearance that it had then."""
    request = call()
    request.inherited = before
    exchange = admit(house.pipeline.parts, request, Principal("p", None, None, key))
    assert exchange.narrowed == key.join(before)


LABELLED = {"rules": [{"labels": ["Legal", "hr"], "action": "local"}]}


async def test_labels_are_those_that_a_rule_is_for(open_house: OpenHouse) -> None:
    parts = open_house(policy=LABELLED).pipeline.parts
    request = call(headers={"x-tidegate-label": "LEGAL, hr,"}, metadata={"tidegate_label": "legal"})
    assert admit(parts, request, DEVELOPER).asker == DEVELOPER.asker._replace(labels=frozenset({"legal", "hr"}))
    assert admit(parts, call(), DEVELOPER).asker is DEVELOPER.asker


@pytest.mark.parametrize("label", ["lega1", "legal hr", "legal;hr", "\u00e9", "legal, x"])
async def test_a_label_that_nobody_knows_is_refused_and_not_repeated(open_house: OpenHouse, label: str) -> None:
    with pytest.raises(BadRequest) as caught:
        admit(open_house(policy=LABELLED).pipeline.parts, call(metadata={"tidegate_label": label}), DEVELOPER)
    assert caught.value.code == "unknown_label"
    assert caught.value.message.endswith("Known are: hr, legal.")
