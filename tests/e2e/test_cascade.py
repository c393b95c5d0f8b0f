"""The cascade over the wire, in every dialect: one answer, whatever fails on the way, and nothing pinned leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.client import Conversation, ask, error_of, post, read_stream, text_of
from tests.harness.configs import PATIENCE, deployment, slug
from tests.harness.faults import BEFORE_ANSWER, BEFORE_STREAM, IN_BODY, IN_STREAM
from tests.harness.gateway import Gateway
from tests.harness.prompts import CARD, EASY
from tests.servers.upstream import Upstreams

WRONG, RIGHT = "I say 2 + 2 = 5.", "I say 2 + 2 = 4."
BEFORE = [(fault, stream) for fault in BEFORE_ANSWER for stream in (False, True)]
BEFORE += [(fault, True) for fault in BEFORE_STREAM] + [(fault, False) for fault in IN_BODY]
SOME = ("status:500", "status:429:7", "reset", "hang", "garbage_json", "error_in_200", "redirect")
SHOWN = tuple(fault for fault in IN_STREAM if fault.endswith(":gate"))
HOLD, SHORT_HOLD = 20.0, 0.3  # seconds: longer than a busy machine keeps an answer back, and soon over
DIALECTS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": EASY}]},
    "/v1/responses": {"input": EASY},
    "/v1/messages": {"messages": [{"role": "user", "content": EASY}], "max_tokens": 50},
    "/api/chat": {"messages": [{"role": "user", "content": EASY}]},
}


@pytest.fixture(scope="module")
def cascading_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    local, cloud = upstreams_of_session.local, upstreams_of_session.cloud
    impatient: dict[str, Any] = {
        "timeouts": {"first_token": PATIENCE, "between_chunks": PATIENCE, "total": 2 * PATIENCE}
    }
    deployments = {
        "small": deployment(local, "local"),
        "large": deployment(cloud, "cloud"),
        "wrong": deployment(local, "local", f"say:{WRONG}"),
    }
    routes = {name: route("small", "large") for name in ("auto", "shown")} | {"wrong": route("wrong", "large")}
    for fault in dict.fromkeys(fault for fault, _ in BEFORE):
        deployments[f"small-{slug(fault)}"] = deployment(local, "local", fault, **impatient)
        routes[f"small-{slug(fault)}"] = route(f"small-{slug(fault)}", "large")
    for fault in SOME:
        deployments[f"large-{slug(fault)}"] = deployment(cloud, "cloud", fault, **impatient)
        routes[f"large-{slug(fault)}"] = route("wrong", f"large-{slug(fault)}")
    for fault in SHOWN:
        deployments[f"shown-{slug(fault)}"] = deployment(local, "local", fault)
        routes[f"shown-{slug(fault)}"] = route(f"shown-{slug(fault)}", "large", SHORT_HOLD)
    settings = {
        "deployments": deployments,
        "routes": routes,
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "ledger": {"url": "sqlite:///tidegate.db"},
    }
    with Gateway(tmp_path_factory.mktemp("cascading"), json.dumps(settings)) as gateway:
        yield gateway


def route(small: str, large: str, hold: float = HOLD) -> dict[str, Any]:
    return {"small": [small], "large": [large], "cascade": {"band": [0, 1], "hold": hold}}


@pytest.fixture
def cascading(cascading_of_module: Gateway, upstreams: Upstreams) -> Gateway:
    return cascading_of_module


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", DIALECTS)
def test_every_dialect_is_given_the_good_answer_alone(
    cascading: Gateway, upstreams: Upstreams, path: str, stream: bool
) -> None:
    upstreams.cloud.next(f"say:{RIGHT}")
    answer = post(cascading, {**DIALECTS[path], "model": "wrong", "stream": stream}, path=path)
    assert answer.status_code == 200
    assert answer.headers["x-tidegate-deployment"] == "large"
    assert answer.headers["x-tidegate-reason"].endswith("; escalated(arithmetic)")
    assert '4."' in answer.text
    assert '5."' not in answer.text
    assert len(upstreams.local.journal.exchanges) == len(upstreams.cloud.journal.exchanges) == 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", DIALECTS)
def test_every_dialect_keeps_what_is_good(cascading: Gateway, upstreams: Upstreams, path: str, stream: bool) -> None:
    upstreams.local.next(f"say:{RIGHT}")
    answer = post(cascading, {**DIALECTS[path], "model": "auto", "stream": stream}, path=path)
    assert answer.headers["x-tidegate-deployment"] == "small"
    assert '4."' in answer.text
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize(("fault", "stream"), BEFORE)
def test_where_the_small_one_fails_the_large_one_answers(
    cascading: Gateway, upstreams: Upstreams, fault: str, stream: bool
) -> None:
    """Nobody has seen anything, so nothing has to be told."""
    answer = post(cascading, ask(EASY, f"small-{slug(fault)}", stream=stream))
    if stream:
        events = read_stream(answer)
        events.assert_clean()
        assert events.text.startswith("cloud-model says")
    else:
        assert text_of(answer).startswith("cloud-model says")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", SOME)
def test_where_the_large_one_fails_the_small_answer_is_given(
    cascading: Gateway, upstreams: Upstreams, fault: str, stream: bool
) -> None:
    answer = post(cascading, ask(EASY, f"large-{slug(fault)}", stream=stream))
    if stream:
        events = read_stream(answer)
        events.assert_clean()
        assert events.text == WRONG
    else:
        assert text_of(answer) == WRONG
    assert answer.headers["x-tidegate-deployment"] == "wrong"
    assert answer.headers["x-tidegate-reason"].endswith("; escalation-failed(arithmetic)")


@pytest.mark.parametrize("fault", SHOWN)
def test_a_stream_that_breaks_after_the_hold_says_so_and_is_not_tried_again(
    cascading: Gateway, upstreams: Upstreams, fault: str
) -> None:
    with Conversation(cascading, ask(EASY, f"shown-{slug(fault)}", stream=True)) as conversation:
        assert conversation.headers["x-tidegate-deployment"].startswith("shown-")
        upstreams.local.release()
        events = conversation.read_to_end()
    events.assert_cut()
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", DIALECTS)
def test_what_is_pinned_is_never_escalated(cascading: Gateway, upstreams: Upstreams, path: str, stream: bool) -> None:
    body = json.loads(json.dumps(DIALECTS[path]).replace(json.dumps(EASY), json.dumps(CARD)))
    for sent, headers in ((body, {}), (DIALECTS[path], {"x-tidegate-locality": "local"})):
        answer = post(cascading, {**sent, "model": "wrong", "stream": stream}, path=path, headers=headers)
        assert answer.headers["x-tidegate-zone"] == "local"
        assert "escalat" not in answer.headers["x-tidegate-reason"]
        assert '5."' in answer.text
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("fault", ["status:500", "reset", "garbage_json"])
def test_what_is_pinned_has_no_second_choice(cascading: Gateway, upstreams: Upstreams, fault: str) -> None:
    answer = post(cascading, ask(CARD, f"small-{slug(fault)}"))
    assert answer.status_code == 503
    assert error_of(answer)["code"] == "no_deployment"
    upstreams.assert_cloud_saw_nothing()
