"""If these fail, vectors are another text's, or a text left the house for them."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.dialects.ollama.embeddings import OllamaEmbeddings
from gateway.wire.errors import BadRequest, GatewayError, ModelNotFound, NoDeployment, Unauthenticated, UpstreamFailed
from gateway.wire.http import Reply
from tests.gateway.conftest import OpenHouse
from tests.gateway.dialects.ollama.asking import KEYLESS, ask, said
from tests.gateway.house import CARD, EASY, House, deployment, header
from tests.servers.upstream import Upstreams


@pytest.fixture
def house(open_house: OpenHouse, upstreams: Upstreams) -> House:
    """The same model at home and outside; the one outside is preferred."""
    return open_house(
        deployments={
            "here": deployment(upstreams.local, "local", model="bge-m3"),
            "there": deployment(upstreams.cloud, "cloud", model="bge-m3"),
        },
        routes={
            "both": {"embeddings": ["there", "here"]},
            "away": {"embeddings": ["there"]},
            "home": {"small": ["here"]},
        },
        keys=[],
    )


async def embed(house: House, text: object, **fields: Any) -> Reply:
    return await ask(OllamaEmbeddings(), house, "/api/embed", {"model": "both", "input": text, **fields})


async def test_a_vector_for_each_text_in_their_order(house: House, upstreams: Upstreams) -> None:
    reply = await embed(house, ["one", "and two"], dimensions=4, keep_alive="5m", options={"num_ctx": 512})
    told = await said(reply)
    assert (told["model"], told["prompt_eval_count"], told["load_duration"]) == ("both", 3, 0)
    assert [len(vector) for vector in told["embeddings"]] == [4, 4]
    assert told["total_duration"] > 0
    assert upstreams.cloud.journal.last.json() == {
        "model": "bge-m3",
        "input": ["one", "and two"],
        "dimensions": 4,
        "encoding_format": "float",
    }
    (alone,) = (await said(await embed(house, "and two", dimensions=4)))["embeddings"]
    assert alone == told["embeddings"][1]
    assert header(reply, "x-tidegate-deployment") == "there"


async def test_the_older_endpoint_takes_one_text(house: House) -> None:
    reply = await ask(OllamaEmbeddings(), house, "/api/embeddings", {"model": "both", "prompt": "one"})
    assert await said(reply) == {"embedding": (await said(await embed(house, "one")))["embeddings"][0]}


@pytest.mark.parametrize("nothing", ["", [], None])
async def test_no_text_no_vector_and_no_call(house: House, upstreams: Upstreams, nothing: object) -> None:
    assert (await said(await embed(house, nothing)))["embeddings"] == []
    reply = await ask(OllamaEmbeddings(), house, "/api/embeddings", {"model": "both", "prompt": nothing or ""})
    assert await said(reply) == {"embedding": []}
    assert upstreams.cloud.journal.raw == upstreams.local.journal.raw == b""


async def test_a_label_that_is_none_is_refused_even_where_nothing_is_asked(house: House) -> None:
    for path, body in (("/api/embed", {"model": "both"}), ("/api/embeddings", {"model": "both"})):
        with pytest.raises(BadRequest) as caught:
            await ask(OllamaEmbeddings(), house, path, body, headers={"x-tidegate-locality": "mars!"})
        assert caught.value.param == "x-tidegate-locality"


async def test_not_to_cut_a_text_is_passed_on(house: House, upstreams: Upstreams) -> None:
    await embed(house, "one", truncate=True)
    assert "truncate" not in upstreams.cloud.journal.last.json()
    await embed(house, "one", truncate=False)
    assert upstreams.cloud.journal.last.json()["truncate"] is False


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": 5}, "input"),
        ({"input": {"a": 1}}, "input"),
        ({"input": ["x", 5]}, "input[1]"),
        ({"input": "x", "dimensions": -1}, "dimensions"),
        ({"input": "x", "dimensions": "4"}, "dimensions"),
        ({"input": "x", "truncate": "no"}, "truncate"),
        ({"input": [], "truncate": "no"}, "truncate"),
        ({"input": "x", "model": None}, "model"),
    ],
)
async def test_what_is_wrong_is_named(house: House, fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        await ask(OllamaEmbeddings(), house, "/api/embed", {"model": "both", **fields})
    assert caught.value.param == param


async def test_what_is_sensitive_stays(house: House, upstreams: Upstreams) -> None:
    assert header(await embed(house, [EASY, CARD]), "x-tidegate-deployment") == "here"
    with pytest.raises(NoDeployment):
        await ask(OllamaEmbeddings(), house, "/api/embeddings", {"model": "away", "prompt": CARD})
    upstreams.assert_cloud_saw_nothing()


async def test_other_routes(house: House) -> None:
    with pytest.raises(BadRequest, match="does not serve embeddings"):
        await embed(house, "x", model="home")
    with pytest.raises(ModelNotFound):
        await embed(house, "x", model="llama9")
    with pytest.raises(Unauthenticated):
        await ask(OllamaEmbeddings(), house, "/api/embed", {"model": "both", "input": "x"}, principal=KEYLESS)


async def test_a_vector_too_few_is_a_failure(house: House, upstreams: Upstreams) -> None:
    upstreams.cloud.always("short")
    upstreams.local.always("short")
    with pytest.raises(UpstreamFailed):
        await embed(house, ["one", "two"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.sampled_from(["/api/embed", "/api/embeddings"]),
    st.dictionaries(st.sampled_from(["input", "prompt", "dimensions", "truncate", "options", "metadata"]), json_values),
)
async def test_any_json_is_answered_or_refused(house: House, path: str, fields: dict[str, Any]) -> None:
    with contextlib.suppress(GatewayError):
        assert (await ask(OllamaEmbeddings(), house, path, {"model": "both", **fields})).status == 200


async def test_tags_are_written_down(house: House) -> None:
    await embed(house, "one", metadata={"tags": "atlas"})
    assert house.intents()[-1].tags == ("atlas",)
