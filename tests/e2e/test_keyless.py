"""Without a key: what `server.anonymous` lets programs on this machine do, and nobody else."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ollama
import pytest

from tests.harness.client import ask, error_of, get, http, post
from tests.harness.gateway import Gateway
from tests.harness.ollama_client import keyless, lines_of
from tests.harness.ollama_client import post as post_ollama
from tests.harness.ports import free_port
from tests.harness.prompts import CARD, EASY
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.upstream import Upstream

SHIPPED = Path(__file__).parents[2] / "tidegate.yaml"
GENERATE = {"model": "gemma3:270m", "prompt": "Why is the sky blue?"}
PATIENCE = 60.0  # seconds: a real model on a machine that does other things as well


@pytest.fixture(scope="module")
def open_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    local, cloud = upstreams_of_session.local, upstreams_of_session.cloud
    config = {
        "deployments": {
            "small": {"zone": "local", "engine": "openai", "base_url": local.base_url, "model": "m"},
            "large": {"zone": "cloud", "engine": "openai", "base_url": cloud.base_url, "model": "m"},
        },
        "routes": {"auto": {"small": ["small"], "large": ["large"]}, "gemma3:270m": {"small": ["small"]}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "server": {"anonymous": ["gemma3:270m"]},
        "ledger": {"url": "sqlite:///tidegate.db"},
    }
    with Gateway(tmp_path_factory.mktemp("open"), json.dumps(config)) as gateway:
        yield gateway


@pytest.fixture
def opened(open_of_module: Gateway, upstreams: Upstreams) -> Gateway:
    """A gateway on which one route needs no key from programs on this machine."""
    return open_of_module


def test_the_sdk_as_it_is_used_with_ollama(opened: Gateway) -> None:
    with keyless(opened) as there:
        assert there.generate(**GENERATE).response
        assert [part.done for part in there.chat("gemma3:270m", [{"role": "user", "content": EASY}], stream=True)][-1]
        assert [model.model for model in there.list().models] == ["gemma3:270m"]
        assert there.show("gemma3:270m").modelinfo
        assert there.pull("gemma3:270m").status == "success"


@pytest.mark.parametrize("what", ["generate", "show", "pull"])
def test_other_routes_need_a_key(opened: Gateway, upstreams: Upstreams, what: str) -> None:
    with keyless(opened) as there, pytest.raises(ollama.ResponseError, match="'auto' needs a key") as refused:
        getattr(there, what)("auto", *([EASY] if what == "generate" else []))
    assert refused.value.status_code == 401
    assert upstreams.local.journal.raw == upstreams.cloud.journal.raw == b""


def test_other_dialects_need_a_key(opened: Gateway) -> None:
    with http() as there:
        refused = there.post(f"{opened.base_url}/chat/completions", json=ask(EASY, "gemma3:270m"))
    assert (refused.status_code, error_of(refused)["code"]) == (401, "invalid_api_key")
    assert get(opened, "/v1/models").json()["data"] == []


def test_a_wrong_key_is_worse_than_none(opened: Gateway) -> None:
    assert post_ollama(opened, "/api/generate", GENERATE, key="tg-wrong").status_code == 401
    assert post_ollama(opened, "/api/generate", GENERATE, key=opened.key).status_code == 200
    assert post(opened, ask(EASY)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},  # a page's own name that points here: DNS rebinding
        {"host": "192.168.1.4:8080"},
        {"host": "localhost.evil.example"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"sec-fetch-site": "cross-site"},
        {"x-forwarded-for": "203.0.113.7"},
        {"forwarded": "for=203.0.113.7"},
        {"via": "1.1 proxy"},
        {"x-real-ip": "127.0.0.1"},
    ],
)
def test_what_was_passed_on_or_comes_from_a_page_needs_a_key(
    opened: Gateway, upstreams: Upstreams, headers: dict[str, str]
) -> None:
    refused = post_ollama(opened, "/api/generate", GENERATE, key="", headers=headers)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert upstreams.local.journal.raw == b""
    assert post_ollama(opened, "/api/generate", GENERATE, headers=headers).status_code == 200


@pytest.mark.parametrize("head", ["HTTP/1.0\r\n", "HTTP/1.1\r\nhost:\r\n", "HTTP/1.0\r\nhost: 127.0.0.1\r\n"])
def test_a_request_as_proxies_send_it_needs_a_key(opened: Gateway, head: str) -> None:
    with socket.create_connection(("127.0.0.1", opened.port), timeout=5) as line:
        line.sendall(f"GET /api/tags {head}connection: close\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 401 ")


def test_it_is_in_the_books_under_its_name(opened: Gateway) -> None:
    answer = post_ollama(opened, "/api/generate", {**GENERATE, "stream": False}, key="")
    assert answer.headers["x-tidegate-clearance"] == "local"
    assert 'key="anonymous"' in get(opened, "/metrics").text


def test_whether_it_is_there_everybody_may_know(opened: Gateway) -> None:
    for headers in ({}, {"host": "evil.example"}):
        for path in ("/", "/api/version"):
            with http() as there:
                assert there.head(opened.root + path, headers=headers).status_code == 200
    assert get(opened, "/").text == "Ollama is running"
    assert [int(number) for number in get(opened, "/api/version").json()["version"].split(".")] >= [0, 6, 4]


def test_the_classic_curl_on_the_shipped_configuration(start_gateway: StartGateway) -> None:
    """Where no Ollama runs the embedded model answers, at once and without alarm."""
    silent = Upstream("ollama")  # never started: its port is taken and refuses
    gateway = start_gateway(SHIPPED.read_text(), environment={"OLLAMA_URL": silent.base_url})
    said = curl(gateway, "/api/generate", {**GENERATE, "options": {"num_predict": 8}})
    lines = [json.loads(line) for line in said.splitlines()]
    assert "".join(line["response"] for line in lines)
    assert lines[-1]["done"]
    assert lines[-1]["model"] == "gemma3:270m"
    for _ in range(4):
        whole = json.loads(curl(gateway, "/api/generate", {**GENERATE, "options": {"num_predict": 1}, "stream": False}))
        assert whole["done"]
    metrics = get(gateway, "/metrics").text
    assert 'tidegate_deployment_up{deployment="small",zone="local"} 1' in metrics
    assert 'tidegate_deployment_up{deployment="gemma"' not in metrics
    refused = json.loads(curl(gateway, "/api/generate", {**GENERATE, "model": "auto"}))
    assert "needs a key" in refused["error"]
    silent.discard()


def test_where_ollama_runs_it_answers(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(SHIPPED.read_text(), environment={"OLLAMA_URL": upstreams.local.base_url})
    lines = lines_of(post_ollama(gateway, "/api/generate", GENERATE, key=""))
    assert "".join(line["response"] for line in lines).startswith("local-model says")
    assert upstreams.local.journal.last.json()["model"] == "gemma3:270m"
    upstreams.local.always("status:404")  # it runs, but has not pulled this model
    body = {**GENERATE, "prompt": CARD, "stream": False, "options": {"num_predict": 1}}
    answer = post_ollama(gateway, "/api/generate", body, key="", headers={"cache-control": "no-cache"})
    assert answer.headers["x-tidegate-deployment"] == "small"


def test_in_ollamas_own_place_it_does_not_ask_itself(tmp_path: Path, upstreams: Upstreams) -> None:
    """A gateway that takes Ollama's port is told by its own door that a key is needed, and goes on to the next."""
    port = free_port()
    here = {"zone": "local", "engine": "openai"}
    config = {
        "deployments": {
            "gemma": {**here, "base_url": f"http://127.0.0.1:{port}/v1", "model": "gemma3:270m", "if_running": True},
            "small": {**here, "base_url": upstreams.local.base_url, "model": "m"},
        },
        "routes": {"gemma3:270m": {"small": ["gemma", "small"]}},
        "server": {"anonymous": ["gemma3:270m"]},
    }
    gateway = Gateway(tmp_path, json.dumps(config))
    gateway.port = port
    with gateway:
        answer = post_ollama(gateway, "/api/generate", {**GENERATE, "stream": False}, key="")
        assert answer.headers["x-tidegate-deployment"] == "small"
        assert len(upstreams.local.journal.exchanges) == 1


def curl(gateway: Gateway, path: str, body: dict[str, Any]) -> str:
    """As everybody types it."""
    program = shutil.which("curl")
    assert program is not None, "these tests need curl"
    words = [program, "-sS", "--noproxy", "*", "--max-time", str(PATIENCE)]
    url = f"http://localhost:{gateway.port}{path}"
    return subprocess.run([*words, url, "-d", json.dumps(body)], check=True, capture_output=True, text=True).stdout
