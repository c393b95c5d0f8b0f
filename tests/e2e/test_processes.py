"""The life of the processes: reload, drain, workers that die, a parent that is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness.client import Wire, ask, http, post, sdk
from tests.harness.configs import STANDARD, standard
from tests.harness.gateway import Gateway, bearer, command
from tests.harness.heads import write_head
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


@pytest.fixture
def reloaded(standard_gateway: Gateway) -> Iterator[Gateway]:
    """The shared gateway; afterwards it has its own configuration back."""
    text = standard_gateway.file.read_text()
    yield standard_gateway
    printed = len(standard_gateway.output)
    standard_gateway.reload(text)
    until("the old configuration to be in force again", lambda: "is in force" in standard_gateway.output[printed:])
    assert answered_by(standard_gateway) == "small"


def test_a_reload_changes_where_requests_go(reloaded: Gateway, upstreams: Upstreams) -> None:
    """A stream that is under way ends as it began."""
    gateway = reloaded
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


def test_a_reload_reaches_every_worker(pair: Gateway, upstreams: Upstreams) -> None:
    text = pair.file.read_text()
    printed = len(pair.output)
    pair.reload(prefer_large(upstreams))
    until("the new configuration to be in force", lambda: "is in force" in pair.output[printed:])
    assert {answered_by(pair) for _ in range(20)} == {"large"}  # each on a connection of its own
    printed = len(pair.output)
    pair.reload(text)
    until("the old configuration to be in force", lambda: "is in force" in pair.output[printed:])
    assert {answered_by(pair) for _ in range(20)} == {"small"}


def test_a_reload_drops_no_request(reloaded: Gateway, upstreams: Upstreams) -> None:
    gateway = reloaded
    texts = (prefer_large(upstreams), standard(upstreams.local, upstreams.cloud))
    statuses, printed = [], len(gateway.output)
    with http(headers={**bearer(gateway.key), **ANEW}) as client:
        for place in range(60):
            if place % 10 == 5:
                gateway.reload(texts[place // 10 % 2])
            statuses.append(client.post(f"{gateway.base_url}/chat/completions", json=ask(EASY)).status_code)
    assert statuses == [200] * 60
    # signals that come before the first was looked at are one to the kernel: so many reloads, or fewer
    until("one of them to be read", lambda: "is in force" in gateway.output[printed:])
    until("the last of them to be in force", lambda: answered_by(gateway) == "small")
    assert gateway.output[printed:].count("is in force") <= 6


def test_a_reload_takes_up_what_was_learned(reloaded: Gateway) -> None:
    """And goes on with the shipped model where that is damaged."""
    text, champion = reloaded.file.read_text(), reloaded.directory / ".tidegate" / "heads" / "small" / "champion"
    try:
        version = write_head(champion, 50.0)
        reloaded.reload(text)
        until("the head to decide", lambda: answered_by(reloaded) == "large")
        assert post(reloaded, ask(EASY), headers=ANEW).headers["x-tidegate-head"] == f"small@{version}"
        (champion / "arrays.npz").write_bytes(b"PK")
        (champion / "card.json").write_text("{}")
        printed = len(reloaded.output)
        reloaded.reload(text)
        until("the shipped model to decide", lambda: answered_by(reloaded) == "small")
        until("a word about it", lambda: "its difficulty model is left out" in reloaded.output[printed:])
    finally:
        shutil.rmtree(champion.parent)


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
def test_a_bad_file_changes_nothing_and_is_explained(reloaded: Gateway, text: str, said: str) -> None:
    printed = len(reloaded.output)
    reloaded.reload(text)
    until("a word about it", lambda: said in reloaded.output[printed:])
    assert answered_by(reloaded) == "small"
    assert "Traceback" not in reloaded.output[printed:]


def test_sigterm_lets_requests_end(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """New connections are refused, what is under way gets its end, and idle connections hold up nothing."""
    gateway = start_gateway()
    upstreams.local.always("hold:3")
    with Wire(gateway) as streamed, Wire(gateway) as whole, http(headers=bearer(gateway.key)) as idle:
        assert idle.get(f"{gateway.base_url}/models").status_code == 200
        streamed.post(ask(EASY, stream=True))
        whole.post(ask(f"{EASY} Again"))
        streamed.read_until(b"says: ")
        upstreams.local.journal.wait_for_requests(2)
        gateway.signal(signal.SIGTERM)
        until("new connections to be refused", lambda: not is_listening(gateway))
        upstreams.local.release()
        streamed.read_until(b"data: [DONE]")
        whole.read_until(b"digest")
        ended = time.monotonic()
        gateway.wait_for_clean_end()
        assert time.monotonic() - ended < 5


def is_listening(gateway: Gateway) -> bool:
    """Whether somebody who connects is let in, be it only to wait."""
    try:
        Wire(gateway).close()
    except ConnectionRefusedError:
        return False
    return True


def test_no_kill_leaves_anything_undone(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    """A worker that is killed is replaced; when the parent is killed, its workers go."""
    gateway = start_gateway(workers=2, environment={"REDIS_URL": valkey.url})
    gateway.wait_for_output("is ready")  # both workers are: the first alone answers earlier
    first = gateway.workers()
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    until("another worker in its place", lambda: len(set(gateway.workers()) - {first[0]}) == len(first), 10)

    def is_served() -> bool:
        try:
            return post(gateway, ask(EASY), headers=ANEW).status_code == 200
        except httpx.TransportError:  # dealt to the worker that had just been killed
            return False

    until("every connection to be served", lambda: all(is_served() for _ in range(10)))

    parent = gateway.process
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(5)
    until("all of them to be gone", lambda: gateway.children() == [], 10)
    assert not is_listening(gateway)
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

    upstreams.local.next("hold:3")
    with Wire(gateway) as wire:
        wire.post(ask(f"{EASY} And again", stream=True))
        wire.read_until(b"says: ")
        (worker,) = gateway.workers()
        os.kill(worker, signal.SIGKILL)
        assert b"[DONE]" not in wire.read_to_end()
    until(
        "the worker's own attempt to be settled", lambda: [row["outcome"] for row in rows(gateway)][2:] == ["abandoned"]
    )
    assert post(gateway, ask(EASY), headers=ANEW).status_code == 200
    gateway.signal(signal.SIGINT)  # Ctrl-C ends it as SIGTERM does
    gateway.wait_for_clean_end()


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


def test_who_is_told_to_end_serves_on_for_a_while_and_says_so(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    """A balancer needs a moment to notice; a client that keeps its connection must not find it closed."""
    gateway = start_gateway(f"{standard(upstreams.local, upstreams.cloud)}server: {{drain_delay: 60, drain_limit: 20}}")
    with http(headers={**bearer(gateway.key), **ANEW}) as client:
        url = f"{gateway.base_url}/chat/completions"
        assert "connection" not in client.post(url, json=ask(EASY)).headers
        assert client.get(f"{gateway.root}/readyz").status_code == 200
        gateway.signal(signal.SIGTERM)
        until("it to say so", lambda: client.get(f"{gateway.root}/readyz").status_code == 503)
        assert client.get(f"{gateway.root}/healthz").status_code == 200
        answer = client.post(url, json=ask(EASY))
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        gateway.signal(signal.SIGTERM)
        gateway.wait_for_clean_end()


def test_a_second_sigterm_breaks_off_what_is_under_way(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """Each client is told, and what was used is in the books."""
    gateway = start_gateway()
    upstreams.local.always("hold:3")
    with Wire(gateway) as streamed, Wire(gateway) as whole:
        streamed.post(ask(EASY, stream=True))
        streamed.read_until(b"says: ")
        whole.post(ask(f"{EASY} Again"))
        upstreams.local.journal.wait_for_requests(2)
        gateway.signal(signal.SIGTERM)
        gateway.wait_for_output("are finished first")
        gateway.signal(signal.SIGTERM)
        said = streamed.read_to_end()
        assert b"The gateway is stopping" in said
        assert b"[DONE]" not in said
        assert b"503" in whole.read_to_end()
        gateway.wait_for_clean_end()
    assert sorted(row["outcome"] for row in rows(gateway)) == ["cancelled", "cancelled"]


def test_who_is_told_to_end_while_it_starts_ends(upstreams: Upstreams, tmp_path: Path) -> None:
    """A start may take minutes, on a busy machine or with a large model."""
    gateway = Gateway(tmp_path, standard(upstreams.local, upstreams.cloud))
    options = ("--config", str(gateway.file), "--port", "0")
    environment = {**os.environ, "LOCAL_KEY": "x", "CLOUD_KEY": "x", "TIDEGATE_KEY": "x"}
    with subprocess.Popen([*command(), "serve", *options], env={**environment, "HOME": str(tmp_path)}) as process:
        until("a worker to be starting", lambda: bool(workers_of(process.pid)), 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def workers_of(pid: int) -> list[str]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [child for child in children if "gateway.serving.worker" in Path(f"/proc/{child}/cmdline").read_text()]
    except OSError:
        return []
