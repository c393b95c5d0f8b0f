"""If this fails, docs/locality.md promises an auditor what is not so, or tells them to run what does not run."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from gateway.cli.main import main
from gateway.config.load import load
from router.clearance import LOCAL
from tests.harness.gateway import Gateway
from tests.harness.prompts import HARD_PROOF
from tests.locality.cases import PLACES
from tests.locality.forms import FORMS
from tests.locality.world import FAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "locality.md").read_text()


def block(language: str, number: int = 0) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found[number]


def test_the_configuration_loads_and_says_what_it_seems_to(tmp_path: Path) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(block("yaml"))
    names = ("EU_KEY", "CLOUD_KEY", "WARD_KEY", "OFFICE_KEY")
    loaded = load(file, environ={name: f"tg-0123456789-{name}" for name in names})
    assert loaded.warnings == ()
    assert [key.locality for key in loaded.settings.keys] == ["local", "any"]
    assert loaded.settings.routes["patients"].locality == str(LOCAL)


def test_the_client_sees_what_it_is_said_to_see(standard_gateway: Gateway) -> None:
    program = block("python").replace("http://127.0.0.1:8080/v1", standard_gateway.base_url)
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        scope: dict[str, object] = {}
        exec(program.replace('"tg-…"', repr(standard_gateway.key)), scope)  # noqa: S102  # the page's own words
        scope["client"].close()  # type: ignore[attr-defined]
    assert shown.getvalue().startswith("local local sensitive(CREDIT_CARD:1)")


def test_explain_says_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    command, *expected = block("console").splitlines()
    (words,) = re.findall(r'\$ tidegate explain "(.*)"', command)
    assert main(["explain", "--config", str(ROOT / "tidegate.yaml"), words]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line in expected] == expected
    assert main(["explain", "--config", str(ROOT / "tidegate.yaml"), HARD_PROOF]) == 0
    assert "clearance   any" in capsys.readouterr().out


def test_the_commands_run_what_there_is() -> None:
    named = set(re.findall(r"tests/[a-z_/]+(?:\.py)?", PAGE))
    assert named
    for path in named:
        assert (ROOT / path).exists(), path
    for target in re.findall(r"make ([a-z-]+)", PAGE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    assert "TIDEGATE_PROOF_CASES" in (ROOT / "tests/locality/test_random_requests.py").read_text()


def test_the_counts_are_right() -> None:
    (ways, places, faults) = re.findall(
        r"written in one of (\d+) ways, in one of (\d+) places .* does one of (\d+) things wrong", PAGE
    )[0]
    assert (int(ways), int(places), int(faults)) == (len(FORMS), len(PLACES), len(FAULTS) - 1)


@pytest.mark.parametrize("page", re.findall(r"\]\(([^)#:]+)[^)]*\)", PAGE))
def test_every_page_it_points_to_is_there(page: str) -> None:
    assert (ROOT / "docs" / page).is_file()
