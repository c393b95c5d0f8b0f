"""If this fails, the first thing a newcomer copies from the README does not work."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from gateway.cli.main import COMMANDS
from gateway.config.load import load
from tests.harness.gateway import Gateway

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_client_in_five_lines(standard_gateway: Gateway) -> None:
    (program,) = blocks("python")
    assert len([line for line in program.splitlines() if line.strip()]) <= 5
    assert "http://127.0.0.1:8080/v1" in program
    there = program.replace("http://127.0.0.1:8080/v1", f"{standard_gateway.root}/v1").replace(
        '"tg-…"', repr(standard_gateway.key)
    )
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        scope: dict[str, object] = {}
        exec(there, scope)  # noqa: S102  # the README's own words
        scope["client"].close()  # type: ignore[attr-defined]
    assert "says" in shown.getvalue()


@pytest.mark.parametrize("text", blocks("yaml"))
def test_the_configuration_loads(text: str, tmp_path: Path) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(text)
    assert load(file, environ={"OPENAI_API_KEY": "sk-o", "TIDEGATE_KEY": "tg-0123456789abcdef"}).warnings == ()


def test_the_commands_are_those_there_are() -> None:
    assert set(re.findall(r"\| `tidegate (\w+)", README)) == set(COMMANDS)


@pytest.mark.parametrize("page", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_page_it_points_to_is_there(page: str) -> None:
    assert (ROOT / page).is_file()
