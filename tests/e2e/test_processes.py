"""The life of the processes: reload, drain, workers that die, a parent that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.harness.client import Wire, ask, post, sdk
from tests.harness.configs import STANDARD, rich, standard
from tests.harness.gateway import Gateway, bearer, command
from tests.harness.ledger import rows
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

ANEW = {"cache-control": "no-cache, no-store"}


def prefer_large(upstreams: Upstreams) -> str:
    """The documented configuration, but `auto` prefers the cloud."""
    text = standard(upstreams.local, upstreams.cloud)
    changed = text.replace("{small: [small], large: [large]}", "{small: [small], large: [large], prefer: large}")
    assert changed != text
    return changed


def answered_by(gateway: Gateway) -> str:
    return str(post(gateway, ask(EASY), headers=ANEW).headers["x-tidegate-deployment"])


def test_a_reload_changes_where_requests_go(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """A stream that is under way ends as it began."""
    gateway = start_gateway()
    upstreams.local.next("hold:3")
    with sdk(gateway) as client:
        chunks = iter(client.chat.completions.create(**ask(EASY), stream=True, extra_headers=ANEW))
        said = [next(chunks).choices[0].delta.content or "" for _ in range(3)]
        gateway.reload(prefer_large(upstreams))
        until("the new configuration to be in force", lambda: answered_by(gateway) == "large")
        upstreams.local.release()
        said += [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(said).startswith("local-model says: read 6 words")
    assert "".join(said).endswith(".")


def test_a_reload_drops_no_request(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway()
    texts = (prefer_large(upstreams), standard(upstreams.local, upstreams.cloud))
    statuses = []
    with httpx.Client(headers={**bearer(gateway.key), **ANEW}, trust_env=False) as client:
        for place in range(60):
            if place % 10 == 5:
                gateway.reload(texts[place // 10 % 2])
            statuses.append(client.post(f"{gateway.base_url}/chat/completions", json=ask(EASY)).status_code)
    assert statuses == [200] * 60


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deployments: [", r"line"),
        (STANDARD.replace("zone: local", "zoned: local"), r"zone"),
        (STANDARD.replace("large: [large]", "large: [larger]"), r"larger"),
        (STANDARD.replace("${TIDEGATE_KEY}", "${NOT_SET_ANYWHERE}"), r"NOT_SET_ANYWHERE"),
    ],
    ids=["no YAML", "an unknown key", "an unknown deployment", "an unset variable"],
)
def test_a_bad_file_changes_nothing_and_is_explained(standard_gateway: Gateway, text: str, said: str) -> None:
    good = standard_gateway.file.read_text()
    printed = len(standard_gateway.output)
    try:
        standard_gateway.reload(text)
        until("a word about it", lambda: said in standard_gateway.output[printed:])
        assert answered_by(standard_gateway) == "small"
        assert "Traceback" not in standard_gateway.output[printed:]
    finally:
        standard_gateway.file.write_text(good)


def test_sigterm_lets_streams_end(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """New connections are refused, the stream that is under way gets its `[DONE]`, then the process ends with 0."""
    gateway = start_gateway()
    upstreams.local.next("hold:3")
    with Wire(gateway) as wire:
        wire.post(ask(EASY, stream=True))
        wire.read_until(b"says: ")
        gateway.signal(signal.SIGTERM)
        until("new connections to be refused", lambda: _refuses(gateway))
        upstreams.local.release()
        wire.read_until(b"data: [DONE]")
    gateway.wait_for_clean_end()


def test_sigterm_lets_an_answer_end(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway()
    upstreams.local.next("hold")
    with Wire(gateway) as wire:
        wire.post(ask(EASY))
        upstreams.local.journal.wait_for_requests(1)
        gateway.signal(signal.SIGTERM)
        until("new connections to be refused", lambda: _refuses(gateway))
        upstreams.local.release()
        assert b"local-model says" in wire.read_until(b"digest")
    gateway.wait_for_clean_end()


def _refuses(gateway: Gateway) -> bool:
    try:
        httpx.get(f"{gateway.root}/healthz", timeout=1, trust_env=False)
    except httpx.TransportError:
        return True
    return False


def test_idle_connections_do_not_hold_up_the_end(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    with httpx.Client(headers=bearer(gateway.key), trust_env=False) as client:
        assert client.get(f"{gateway.base_url}/models").status_code == 200
        began = time.monotonic()
        gateway.stop()
    assert time.monotonic() - began < 5


def test_ctrl_c_ends_it_as_well(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    gateway.signal(signal.SIGINT)
    gateway.wait_for_clean_end()


def test_a_worker_that_is_killed_is_replaced(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    gateway = start_gateway(workers=2, environment={"REDIS_URL": valkey.url})
    workers = _serving(gateway)
    os.kill(workers[0], signal.SIGKILL)
    until("another worker in its place", lambda: len(set(_serving(gateway)) - {workers[0]}) >= len(workers), 10)

    def is_served() -> bool:
        try:
            return post(gateway, ask(EASY), headers=ANEW).status_code == 200
        except httpx.TransportError:  # dealt to the worker that had just been killed
            return False

    until("every connection to be served", lambda: all(is_served() for _ in range(10)))


def _serving(gateway: Gateway) -> list[int]:
    """Children that hold the listening socket, as far as can be told from outside: all but helpers of Python's own."""
    return [pid for pid in gateway.workers() if b"resource_tracker" not in _command_line(pid)]


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # gone between two looks
        return b""


def test_killing_the_parent_ends_all(start_gateway: StartGateway, valkey: ValkeyServer) -> None:
    gateway = start_gateway(workers=2, environment={"REDIS_URL": valkey.url})
    parent = gateway.process
    assert len(gateway.workers()) >= 2
    os.kill(parent.pid, signal.SIGKILL)
    until("all processes to be gone", lambda: gateway.workers() == [], 10)
    parent.wait(5)
    gateway.kill()


def test_what_was_under_way_when_it_was_killed_is_in_the_books(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    """The next start settles it as abandoned; what was answered before is there as it was."""
    gateway = start_gateway()
    done = post(gateway, ask(EASY), headers=ANEW)
    upstreams.local.next("hang")
    with Wire(gateway) as wire:
        wire.post(ask(f"{EASY} Again"))
        upstreams.local.journal.wait_for_requests(2)
        gateway.kill()
    gateway.start()
    until("the open attempt to be settled", lambda: [row["outcome"] for row in rows(gateway)] == ["ok", "abandoned"])
    assert rows(gateway)[0]["request_id"] == done.headers["x-request-id"]


def test_two_workers_without_redis_are_refused(upstreams: Upstreams, tmp_path: Path) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(standard(upstreams.local, upstreams.cloud))
    environment = {**os.environ, "LOCAL_KEY": "x", "CLOUD_KEY": "x", "TIDEGATE_KEY": "x", "REDIS_URL": ""}
    ended = subprocess.run(
        [*command(), "serve", "--config", str(file), "--port", "0", "--workers", "2"],
        capture_output=True, text=True, timeout=20, check=False, env=environment,
    )  # fmt: skip
    assert ended.returncode != 0
    said = ended.stdout + ended.stderr
    assert "redis" in said.lower()
    assert "Traceback" not in said


def test_a_bad_file_at_the_start_is_explained(upstreams: Upstreams, tmp_path: Path) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(STANDARD.replace("engine: openai", "engin: openai", 1))
    ended = subprocess.run(
        [*command(), "serve", "--config", str(file), "--port", "0"],
        capture_output=True, text=True, timeout=20, check=False, env={**os.environ, "TIDEGATE_KEY": "x"},
    )  # fmt: skip
    assert ended.returncode != 0
    said = ended.stdout + ended.stderr
    assert "engin" in said
    assert "engine" in said
    assert "2" in said
    assert "Traceback" not in said


def test_two_prefixes_on_one_redis_are_two_worlds(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    def started(prefix: str) -> Gateway:
        changes = {"cache": {"enabled": True}, "redis": {"url": valkey.url, "prefix": prefix}}
        return start_gateway(rich(upstreams.local, upstreams.cloud, [], changes))

    first, second = started("one"), started("two")
    assert post(first, ask(EASY, "small")).headers["x-tidegate-cache"] == "miss"
    until("a hit", lambda: post(first, ask(EASY, "small")).headers["x-tidegate-cache"] == "hit")
    assert post(second, ask(EASY, "small")).headers["x-tidegate-cache"] == "miss"
