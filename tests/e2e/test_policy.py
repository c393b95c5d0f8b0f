"""Policies of the file, a route, a team and a key, together, against the real gateway: who may see what, and who may
not, whatever fails on the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from tests.harness.anthropic_client import claude
from tests.harness.client import ask, error_of, get, post, sdk, text_of
from tests.harness.configs import ENCRYPTED, deployment
from tests.harness.gateway import HOME_KEY, KEY, OTHER_KEY, Gateway, bearer
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.upstream import Upstreams

MAIL = "Write a friendly reminder to jeanne.durand@gmail.com about our meeting."
TOKEN = "ghp_" + "R7kQ2mZ9xW4vT8nB3cL6pS1dF5gH0jKyUaEi"  # the shape of a token; nobody's
SECRET = f"Is the token {TOKEN} still good?"
PNG = "data:image/png;base64," + "iVBORw0KGgoAAAANSUhEUgAA" * 4
FRESH = {"cache-control": "no-store, no-cache"}


def configuration(upstreams: Upstreams) -> str:
    impatient = {"connect": 0.4, "first_token": 0.4, "between_chunks": 0.4, "total": 0.8}
    settings = {
        "deployments": {
            "small": deployment(upstreams.local, "local"),
            "paris": deployment(upstreams.cloud, "eu"),
            "large": deployment(upstreams.cloud, "cloud"),
            "broken": deployment(upstreams.local, "local", "status:500", timeouts=impatient),
            "broken-paris": deployment(upstreams.cloud, "eu", "status:500", timeouts=impatient),
        },
        "routes": {
            "auto": {"small": ["small"], "large": ["large", "paris"], "prefer": "large"},
            "pictures": {"large": ["large", "small"], "unreadable": {"image": "any"}},
            "strict": {"large": ["large", "small"], "policy": {"rules": [{"types": ["contact"], "action": "block"}]}},
            "failing": {"small": ["broken"], "large": ["large"], "prefer": "small"},
            "failing-europe": {"large": ["broken-paris", "large", "paris", "small"]},
        },
        "keys": [
            {"name": "dev", "key": "${TIDEGATE_KEY}"},
            {"name": "nurse", "key": "${HOME_KEY}", "team": "clinic"},
            {"name": "clerk", "key": "${OTHER_KEY}", "policy": {"rules": [{"types": ["contact"], "action": "block"}]}},
        ],
        "teams": {"clinic": {"policy": {"preset": "everything-local"}}},
        "policy": {
            "rules": [
                {"types": ["EMAIL"], "zones": ["local", "eu"]},
                {"types": ["PERSON"], "action": "allow"},
                {"labels": ["legal"], "zones": ["local", "eu"]},
            ]
        },
        "cache": ENCRYPTED,
        "ledger": {"url": "sqlite:///tidegate.db"},
    }
    return json.dumps(settings)


@pytest.fixture(scope="module")
def gateway_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("policy"), configuration(upstreams_of_session)) as gateway:
        yield gateway


@pytest.fixture
def gateway(gateway_of_module: Gateway, upstreams: Upstreams) -> Gateway:
    return gateway_of_module


def served(gateway: Gateway, body: dict[str, Any], key: str = KEY, **headers: str) -> str:
    """The deployment that answered."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = post(gateway, body, key=key, headers={**FRESH, **named})
    assert answer.status_code == 200, answer.text
    return answer.headers["x-tidegate-deployment"]


def test_a_region_sees_what_the_cloud_may_not(gateway: Gateway) -> None:
    assert served(gateway, ask(EASY)) == "large"
    assert served(gateway, ask(MAIL)) == "paris"
    assert served(gateway, ask(EASY), x_tidegate_label="legal") == "paris"
    assert served(gateway, ask(SECRET)) == "small"


def test_a_team_keeps_all_it_asks_at_home(gateway: Gateway, upstreams: Upstreams) -> None:
    assert served(gateway, ask(EASY), HOME_KEY) == "small"
    assert served(gateway, ask(MAIL), HOME_KEY) == "small"
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize(("route", "key"), [("strict", KEY), ("auto", OTHER_KEY)])
def test_a_route_and_a_key_can_be_stricter_than_the_file(
    gateway: Gateway, upstreams: Upstreams, route: str, key: str
) -> None:
    answer = post(gateway, ask(MAIL, route), key=key)
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (400, "content_blocked")
    assert "EMAIL (1)" in error["message"]
    assert "durand" not in answer.text
    assert upstreams.local.journal.raw == upstreams.cloud.journal.raw == b""


def test_what_is_refused_to_one_is_not_answered_from_what_another_was(gateway: Gateway, upstreams: Upstreams) -> None:
    """What was found is no secret to its own key, and the clerk's policy and the clinic's hold all the same."""
    text = f"{MAIL} Once."
    post(gateway, ask(text))
    again = post(gateway, ask(text))
    assert again.headers["x-tidegate-cache"] == "hit"
    assert error_of(post(gateway, ask(text), key=OTHER_KEY))["code"] == "content_blocked"
    nurse = post(gateway, ask(text), key=HOME_KEY)
    assert (nurse.headers["x-tidegate-cache"], nurse.headers["x-tidegate-zone"]) == ("miss", "local")
    labelled = post(gateway, ask(text), headers={"x-tidegate-label": "legal"})
    assert labelled.headers["x-tidegate-cache"] == "miss"


def test_a_policy_that_comes_later_holds_for_what_was_answered_before(
    upstreams: Upstreams, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = configuration(upstreams)
    stricter = json.loads(before)
    stricter["policy"]["rules"].insert(0, {"types": ["EMAIL"], "action": "block"})
    with Gateway(tmp_path_factory.mktemp("reloaded"), before) as gateway:
        for cache in ("miss", "hit"):
            assert post(gateway, ask(MAIL)).headers["x-tidegate-cache"] == cache
        gateway.reload(json.dumps(stricter))
        until("the new policy", lambda: "tidegate_config_version 2.0" in get(gateway, "/metrics").text)
        assert error_of(post(gateway, ask(MAIL)))["code"] == "content_blocked"


def test_no_failure_takes_it_further(gateway: Gateway, upstreams: Upstreams) -> None:
    """The fallback is the next that may see it, not the next."""
    assert served(gateway, ask(EASY, "failing")) == "large"
    upstreams.cloud.reset()
    answer = post(gateway, ask(MAIL, "failing"), headers=FRESH)
    assert (answer.status_code, error_of(answer)["code"]) in {(502, "upstream_failed"), (503, "no_deployment")}
    upstreams.assert_cloud_saw_nothing()
    assert served(gateway, ask(MAIL, "failing-europe")) == "paris"


def test_a_conversation_keeps_the_clearance_of_its_label(gateway: Gateway, upstreams: Upstreams) -> None:
    with sdk(gateway) as client:
        label = {"x-tidegate-label": "legal"}
        first = client.responses.with_raw_response.create(model="auto", input="Plan B", extra_headers=label)
        assert first.headers["x-tidegate-deployment"] == "paris"
        second = client.responses.with_raw_response.create(
            model="auto", input="And then?", previous_response_id=first.parse().id
        )
    assert second.headers["x-tidegate-deployment"] == "paris"
    assert "conversation:eu+local" in second.headers["x-tidegate-reason"]


def picture(route: str, text: str) -> dict[str, Any]:
    parts = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": PNG}}]
    return {"model": route, "messages": [{"role": "user", "content": parts}]}


def test_pictures_go_where_the_route_lets_them_and_the_text_beside_them_is_read(gateway: Gateway) -> None:
    assert served(gateway, picture("auto", EASY)) == "small"
    assert served(gateway, picture("pictures", EASY)) == "large"
    assert served(gateway, picture("pictures", SECRET)) == "small"
    assert served(gateway, picture("pictures", EASY), HOME_KEY) == "small"


def test_sdks_raise_what_they_raise_for_a_bad_request(gateway: Gateway, upstreams: Upstreams) -> None:
    with sdk(gateway, OTHER_KEY) as chats, pytest.raises(openai.BadRequestError) as refusal:
        chats.chat.completions.create(**ask(MAIL))
    assert refusal.value.code == "content_blocked"
    with claude(gateway, OTHER_KEY) as client, pytest.raises(anthropic.BadRequestError, match=r"EMAIL \(1\)"):
        client.messages.create(model="auto", max_tokens=10, messages=[{"role": "user", "content": MAIL}])
    assert upstreams.local.journal.raw == upstreams.cloud.journal.raw == b""


def test_refusals_are_counted_and_nothing_of_them_is_shown(gateway: Gateway) -> None:
    assert post(gateway, ask(f"{MAIL} {SECRET}", "strict")).status_code == 400
    metrics = get(gateway, "/metrics", bearer(KEY)).text
    assert 'tidegate_decisions_total{reason="blocked",route="strict"}' in metrics
    assert "durand" not in metrics
    assert TOKEN not in metrics


def test_text_of_an_answer(gateway: Gateway) -> None:
    """The other prompts of this page go through: only what a rule names is refused."""
    assert text_of(post(gateway, ask(EASY), key=OTHER_KEY)).startswith("cloud-model")
