"""docs/keys.md: what it says can be done as it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.config.load import load
from tests.gateway.admin.desk import ROLES, Desk
from tests.gateway.config.harness import BASE

PAGE = (Path(__file__).parents[3] / "docs" / "keys.md").read_text()
COMMANDS = re.findall(r"^tidegate (?:keys|teams) .*$", PAGE, re.M)
ROWS = re.findall(r"^\| `([A-Z]+) (/admin/v1/[^`]+)` \| (\w+) \|", PAGE, re.M)


def test_its_commands_can_be_run_one_after_the_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE)
    for command in COMMANDS:
        assert main([*shlex.split(command)[1:], "--config", str(file)]) == 0, (command, capsys.readouterr().err)


def test_its_settings_load(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    file = tmp_path / "tidegate.yaml"
    file.write_text(BASE + text)
    assert load(file, environ={}).warnings == ()


async def test_its_table_is_what_there_is_and_the_roles_are_right(desk: Desk) -> None:
    described = (await desk.ask().get("/openapi.json")).json()["paths"]
    own = re.compile(r"/admin/v1/(me|keys|teams|access-events|cache)\b")
    there = {(method.upper(), path) for path, methods in described.items() if own.match(path) for method in methods}
    assert {(method, path) for method, path, _ in ROWS} == there
    for method, path, lowest in ROWS:
        for role in ROLES:
            answer = await desk.ask(role).request(method, path.replace("{name}", "nobody"), json={})
            enough = lowest == "any" or ROLES.index(role) >= [str(one) for one in ROLES].index(lowest)
            assert (answer.status_code != 403) == enough, (method, path, role)
