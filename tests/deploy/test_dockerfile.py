"""The image cannot be built where these tests run. They hold what can be held: each failure is a build that breaks or
an image that runs as root, unpinned or without its files."""

from __future__ import annotations

import fnmatch
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
LOCK = ROOT / "requirements" / "serve.txt"


def instructions() -> list[list[str]]:
    text = re.sub(r"\\\n", " ", DOCKERFILE.read_text())
    return [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]


def stages() -> dict[str, str]:
    """Stage name → what it starts from, in the file's order."""
    found = (re.fullmatch(r"(\S+) AS (\S+)", rest) for word, rest in instructions() if word == "FROM")
    return {match[2]: match[1] for match in found if match}


def sources() -> list[str]:
    """What is copied from the build context."""
    copied = [rest for word, rest in instructions() if word == "COPY" and "--from=" not in rest]
    return [source for rest in copied for source in shlex.split(re.sub(r"--\S+ ", "", rest))[:-1]]


def test_the_targets_are_there_and_the_plain_gateway_is_the_default() -> None:
    assert list(stages())[-1] == "gateway"
    assert stages()["local"] == stages()["gateway"] == "base"


def test_the_base_image_is_pinned_to_a_full_version() -> None:
    (argument,) = [rest for word, rest in instructions() if word == "ARG"]
    assert re.fullmatch(r"PYTHON=3\.13\.\d+-slim-\w+", argument)
    assert {image for image in stages().values() if "python" in image} == {"python:${PYTHON}"}


def test_what_is_copied_exists_and_gets_past_the_ignore_file() -> None:
    ignore = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    for source in sources():
        assert (ROOT / source).exists(), source
        assert source.rstrip("/") in allowed, source
    assert not any(fnmatch.fnmatch(".env", pattern) for pattern in allowed)


def test_it_runs_as_a_user_without_rights_and_stops_on_sigterm() -> None:
    last = {word: rest for word, rest in instructions() if word in {"USER", "STOPSIGNAL", "ENTRYPOINT", "HEALTHCHECK"}}
    assert last["USER"] == "10001:10001"
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert last["ENTRYPOINT"] == '["tidegate"]'  # the exec form: the signal reaches the gateway, not a shell
    assert "curl" not in last["HEALTHCHECK"]


def test_every_install_is_locked_by_hash_and_from_wheels() -> None:
    installs = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    assert len(installs) == 3
    for command in installs:
        assert "--require-hashes --no-deps --only-binary :all:" in command


@pytest.mark.parametrize(("file", "has_engine"), [("gateway.txt", False), ("local.txt", True)])
def test_the_lock_is_split_into_gateway_and_embedded_engine(tmp_path: Path, file: str, has_engine: bool) -> None:
    (tmp_path / "serve.txt").write_bytes(LOCK.read_bytes())
    (split,) = [rest for word, rest in instructions() if word == "RUN" and rest.startswith("awk")]
    subprocess.run(["/bin/sh", "-ec", split], cwd=tmp_path, check=True)
    everything, part = (packages((tmp_path / name).read_text()) for name in ("serve.txt", file))
    engine = {name: hashes for name, hashes in everything.items() if name.startswith("xllamacpp==")}
    assert len(engine) == 1
    assert part == (engine if has_engine else {name: everything[name] for name in everything.keys() - engine.keys()})


def packages(lock: str) -> dict[str, list[str]]:
    """Requirement → its hashes."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lock.splitlines():
        if re.match(r"[a-z0-9]", line):
            name = line.split()[0]
            found[name] = []
        elif line.strip().startswith("--hash="):
            found[name].append(line.strip().removesuffix(" \\"))
    return found


def test_the_command_in_the_image_is_the_one_of_the_package() -> None:
    launcher = (ROOT / "deploy" / "tidegate").read_text()
    assert launcher.startswith("#!/opt/tidegate/bin/python\n")
    module, function = re.findall(r"from (\S+) import (\S+)", launcher)[0]
    assert f'tidegate = "{module}:{function}"' in (ROOT / "pyproject.toml").read_text()


def test_what_is_copied_from_a_stage_is_of_one_before() -> None:
    before: list[str] = []
    for word, rest in instructions():
        if word == "FROM":
            before.append(rest.split(" AS ")[1])
        elif match := re.search(r"--from=(\S+)", rest):
            assert match[1] in before[:-1], rest


def test_the_hot_path_is_compiled_by_the_python_that_runs_it() -> None:
    assert stages()["native"] == stages()["build"]
    (compiling,) = [rest for word, rest in instructions() if word == "RUN" and "native.py" in rest]
    assert compiling.endswith("make/native.py --root /build --into /build/compiled")
