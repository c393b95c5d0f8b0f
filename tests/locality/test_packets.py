"""On the cable between home and everything else: no packet with a value in it, whatever goes wrong; of a key that stays
at home no packet at all, not even to ask for a name; and the same questions with harmless words are seen there, so the
capture sees what there is.

The tests of this file belong together, in this order: the first two end before the cable has carried anything.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.client import ask, http, post
from tests.harness.gateway import HOME_KEY, bearer
from tests.locality.capture import captured
from tests.locality.cases import PLACES, Case, send, try_sensitive, try_twin
from tests.locality.forms import FORMS
from tests.locality.names import name_server
from tests.locality.plants import KINDS, plant
from tests.locality.world import FAULTS, Upstreams, World, started
from tests.servers.link import CLOUD, CLOUD_ADDRESS, HOME, Link, names_are_asked_of
from tests.upstream import Upstream

NAME = "models.cloud.example"
TRANSLATED = "translated"  # a route by way of litellm
AT_HOME_ONLY = sorted(KINDS.keys() - {"iban"})  # which the policy of these tests lets go to Europe


@pytest.fixture(scope="module")
def apart(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The gateway and its model are at home, all others on the other side."""
    directory = tmp_path_factory.mktemp("apart")
    with ExitStack() as stack:
        with link.inside(CLOUD):
            stack.enter_context(name_server(CLOUD_ADDRESS))
            europe, cloud, proxy = (
                stack.enter_context(Upstream(name, host=CLOUD_ADDRESS, known_as=known_as))
                for name, known_as in (("eu-model", NAME), ("cloud-model", NAME), ("proxy", None))
            )
        with link.inside(HOME):
            home = stack.enter_context(Upstream("local-model"))
        world = _started(link, directory, (home, europe, cloud, proxy))
        stack.callback(world.gateway.kill)
        yield world
        world.stop()


def _started(link: Link, directory: Path, upstreams: Upstreams) -> World:
    """In a thread of its own: there is no way back for one that has a name server of its own."""
    resolv = directory / "resolv.conf"
    resolv.write_text(f"nameserver {CLOUD_ADDRESS}\n")
    cloud = upstreams[2]
    deployment = {"zone": "cloud", "engine": "litellm", "model": "openai/cloud-model", "base_url": cloud.base_url}
    more: dict[str, Any] = {
        "more_deployments": {TRANSLATED: {**deployment, "api_key": "${CLOUD_KEY}"}},
        "more_routes": {TRANSLATED: {"large": [TRANSLATED], "small": ["home-ok"], "prefer": "large"}},
    }
    worlds: list[World] = []

    def start() -> None:
        with link.inside(HOME):
            names_are_asked_of(resolv)
            (directory / "gateway").mkdir()
            worlds.append(started(directory / "gateway", upstreams, **more))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    (world,) = worlds
    return world


@pytest.fixture(autouse=True)
def at_home(link: Link) -> Iterator[None]:
    """What a test asks, it asks from there."""
    with link.inside(HOME):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "packets.pcap"


def cases() -> Iterator[Case]:
    """Every third place once, every form and every fault by turns."""
    forms = sorted(FORMS)
    for number, place in enumerate(PLACES[::3]):
        fault = FAULTS[number % len(FAULTS)]
        kind, form = AT_HOME_ONLY[number % len(AT_HOME_ONLY)], forms[number % len(forms)]
        yield Case(kind, 7000 + number, form, place, fault, number % 2 == 0, number % 3 == 0, "plain", False)


def test_a_key_that_stays_at_home_sends_no_packet(link: Link, apart: World, file: Path) -> None:
    """Harmless words, on routes that prefer the cloud, while home fails. From the start of the gateway on."""
    with captured(HOME, file, link.packets) as capture:
        for case in cases():
            answer = send(apart, case, case.request(case.plant.twin, case.twin_form), **bearer(HOME_KEY))
            assert answer.headers["x-tidegate-clearance"] == "local"
        answer = post(apart.gateway, ask("Hello.", TRANSLATED), key=HOME_KEY)
        assert answer.headers["x-tidegate-zone"] == "local"
    assert capture.packets == []
    assert link.packets() == 0


def test_what_is_sensitive_sends_no_packet(link: Link, apart: World, file: Path) -> None:
    with captured(HOME, file, link.packets) as capture:
        for case in cases():
            try_sensitive(apart, case)
        value = plant("card", 7500).value
        apart.haystack.add(value, TRANSLATED)
        assert post(apart.gateway, ask(f"Keep {value}", TRANSLATED)).headers["x-tidegate-zone"] == "local"
    assert capture.packets == []
    assert link.packets() == 0


def test_side_by_side_only_the_harmless_is_seen(link: Link, apart: World, file: Path) -> None:
    """On connections that are kept, too. The only name that is asked for is that of the cloud's model."""
    before = link.packets()
    asked = [replace(case, seed=case.seed + 1000) for case in cases()]
    with captured(HOME, file, link.packets) as capture:
        for case in asked:
            try_sensitive(apart, case)
            try_twin(apart, case)
        with http(timeout=60, headers=bearer(apart.gateway.key)) as client:  # litellm is slow to load
            answer = client.post(
                f"{apart.gateway.base_url}/chat/completions", json=ask(plant("card", 7501).twin, TRANSLATED)
            )
        assert answer.headers["x-tidegate-zone"] == "cloud"
        count = link.packets() - before
    assert len(capture.packets) >= count > len(asked)
    sent = b"\n".join(capture.streams.values())
    seen = [case for case in asked if case.plant.mark.encode() in sent]
    must = [case for case in asked if case.must_reach_the_cloud and case.twin_form in ("plain", "in JSON", "percent")]
    assert len(must) > 10
    assert set(must) <= set(seen)
    assert plant("card", 7501).twin.encode() in sent
    assert capture.names == {NAME}
    assert not apart.haystack.found_in(sent)
    assert not apart.haystack.found_in(b"\n".join(capture.packets))


def test_and_it_has_left_no_trace(apart: World) -> None:
    apart.assert_nothing_got_out()


def test_the_capture_finds_a_value_that_is_sent(link: Link, apart: World, file: Path) -> None:
    """What a leak would look like: the test itself sends one."""
    value = plant("card", 7600).value
    with captured(HOME, file, link.packets) as capture, http() as client:
        client.post(f"http://{CLOUD_ADDRESS}:{apart.cloud.port}/v1/chat/completions", json=ask(value))
    apart.haystack.add(value, "a leak")
    assert apart.haystack.found_in(b"\n".join(capture.packets))
    assert apart.haystack.found_in(b"\n".join(capture.streams.values()))
