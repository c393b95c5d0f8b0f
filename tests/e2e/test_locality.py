"""With nothing at home that answers, what is sensitive is refused: an error in OpenAI's shape, no byte at the cloud."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.harness.client import ask, error_of, post, read_stream, sdk, text_of
from tests.harness.configs import standard
from tests.harness.gateway import HOME_KEY, Gateway
from tests.harness.prompts import CARD, EASY, HARD_PROOF, SENSITIVE
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.upstream import Upstream


@pytest.fixture(scope="module")
def stranded_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    silent = Upstream("local-model")  # never started: its port is taken and refuses
    config = standard(silent, upstreams_of_session.cloud)
    with Gateway(tmp_path_factory.mktemp("stranded"), config) as gateway:
        yield gateway
    silent.discard()


@pytest.fixture
def stranded(stranded_of_module: Gateway, upstreams: Upstreams) -> Gateway:
    """The documented configuration while the small model is down."""
    return stranded_of_module


@pytest.mark.parametrize("prompt", SENSITIVE)
@pytest.mark.parametrize("route", ["auto", "cloud"])
@pytest.mark.parametrize("stream", [False, True])
def test_it_is_refused(stranded: Gateway, upstreams: Upstreams, prompt: str, route: str, stream: bool) -> None:
    answer = post(stranded, ask(prompt, route, stream=stream))
    assert answer.status_code == 503
    error = error_of(answer)
    assert error["code"] == "no_deployment"
    assert answer.headers["x-tidegate-clearance"] == "local"
    assert "x-tidegate-deployment" not in answer.headers
    assert "4970" not in answer.text
    upstreams.assert_cloud_saw_nothing()


def test_the_sdk_is_told_as_well(stranded: Gateway, upstreams: Upstreams) -> None:
    with sdk(stranded) as client, pytest.raises(openai.InternalServerError) as refusal:
        list(client.chat.completions.create(**ask(CARD), stream=True))
    assert refusal.value.status_code == 503
    assert refusal.value.code == "no_deployment"
    upstreams.assert_cloud_saw_nothing()


def test_the_callers_own_label_counts(stranded: Gateway, upstreams: Upstreams) -> None:
    answer = post(stranded, ask(HARD_PROOF, "cloud"), headers={"x-tidegate-locality": "local"})
    assert (answer.status_code, error_of(answer)["code"]) == (503, "no_deployment")
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_not_sensitive_falls_back_to_the_cloud(stranded: Gateway, stream: bool) -> None:
    answer = post(stranded, ask(EASY, stream=stream), headers={"cache-control": "no-store, no-cache"})
    said = read_stream(answer).text if stream else text_of(answer)
    assert said.startswith("cloud-model says")


def test_refusals_are_not_cached(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """The same words are answered as soon as the small model is back, and on the way out nothing reached the cloud."""
    gateway = start_gateway()
    with upstreams.local.down():
        for _ in range(4):
            assert post(gateway, ask(CARD)).status_code == 503
    answer = post(gateway, ask(CARD))
    assert text_of(answer).startswith("local-model says")
    assert answer.headers["x-tidegate-cache"] == "miss"
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("label", ["local", "LOCAL", "local+local"])
def test_a_label_narrows(gateway: Gateway, upstreams: Upstreams, label: str) -> None:
    answer = post(gateway, ask(HARD_PROOF, "cloud"), headers={"x-tidegate-locality": label})
    assert text_of(answer).startswith("local-model says")
    upstreams.assert_cloud_saw_nothing()


def test_a_label_never_widens(gateway: Gateway, upstreams: Upstreams) -> None:
    answer = post(gateway, ask(CARD, "cloud"), headers={"x-tidegate-locality": "any"})
    assert answer.headers["x-tidegate-clearance"] == "local"
    upstreams.assert_cloud_saw_nothing()


def test_a_label_that_is_none_is_an_error(gateway: Gateway, upstreams: Upstreams) -> None:
    answer = post(gateway, ask(EASY, "cloud"), headers={"x-tidegate-locality": "somewhere else"})
    assert answer.status_code == 400
    error_of(answer)
    upstreams.assert_cloud_saw_nothing()


def test_a_region_is_a_zone_of_its_own(gateway: Gateway, upstreams: Upstreams) -> None:
    """The route's clearance is eu+local: its first deployment, in zone cloud, is passed over."""
    answer = post(gateway, ask(EASY, "europe"))
    assert answer.headers["x-tidegate-deployment"] == "european"
    assert answer.headers["x-tidegate-clearance"] == "eu+local"


def test_a_route_may_keep_everything_at_home(gateway: Gateway, upstreams: Upstreams) -> None:
    assert post(gateway, ask(HARD_PROOF, "home")).headers["x-tidegate-deployment"] == "small"
    upstreams.assert_cloud_saw_nothing()


def test_a_key_may_keep_everything_at_home(gateway: Gateway, upstreams: Upstreams) -> None:
    assert post(gateway, ask(HARD_PROOF, "cloud"), key=HOME_KEY).headers["x-tidegate-deployment"] == "small"
    refused = post(gateway, ask(EASY, "only-cloud"), key=HOME_KEY)
    assert (refused.status_code, error_of(refused)["code"]) == (503, "no_deployment")
    upstreams.assert_cloud_saw_nothing()


def test_a_redirect_to_the_cloud_is_not_followed(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next(f"redirect:127.0.0.1:{upstreams.cloud.port}")
    answer = post(gateway, ask(CARD, "small"))
    assert answer.status_code in {502, 503}
    error_of(answer)
    upstreams.assert_cloud_saw_nothing()


def test_nothing_leaves_the_directory(stranded: Gateway) -> None:
    """The gateway writes beside its configuration, not where it was started."""
    assert {Path(stranded.directory / "tidegate.yaml"), stranded.ledger} <= set(stranded.directory.iterdir())
