"""docs/configuration.md, endpoints.md, policy.md, resilience.md and streaming.md: what they promise is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from gateway.config.reference import inserted, reference
from gateway.config.settings import Deployment, RouteTimeouts, Server
from gateway.egress.breaker import LOADING_SECONDS
from gateway.egress.capabilities import LACKING
from gateway.egress.target import patience_of
from router.capability import CAPABILITIES
from tests.gateway.config.harness import BASE
from tests.harness.heads import write_head
from tests.router.specialists.prompts import SUPPORT

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"
TEXT = PAGE.read_text()
ENDPOINTS = (PAGE.parent / "endpoints.md").read_text()
STREAMING = (PAGE.parent / "streaming.md").read_text()
POLICY = (PAGE.parent / "policy.md").read_text()
RESILIENCE = (PAGE.parent / "resilience.md").read_text()
EXAMPLES = re.findall(
    r"^```yaml\n(.*?)^```", TEXT + ENDPOINTS + STREAMING + POLICY + RESILIENCE, re.DOTALL | re.MULTILINE
)
WRONG = re.findall(r"^```yaml wrong\n(.*?)^```.*?^```text\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def test_the_table_is_in_step() -> None:
    """Otherwise: `python -m gateway.config.reference docs/configuration.md`."""
    assert inserted(TEXT) == TEXT


def test_the_table_has_every_group_once_and_no_broken_link() -> None:
    titles = re.findall(r"^### (.*)$", reference(), re.MULTILINE)
    assert len(titles) == len(set(titles)) >= 12
    anchors = {title.lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(#(.*?)\)", reference())) <= anchors


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_load_without_a_warning(example: str, tmp_path: Path) -> None:
    file = tmp_path / "tidegate.yaml"
    rest = BASE.partition("routes:")[0] if re.search("^routes:", example, re.MULTILINE) else BASE
    file.write_text(example if "deployments:" in example else rest + example)
    (tmp_path / "support.txt").write_text("\n".join(SUPPORT))
    write_head(tmp_path / "heads" / "tiny", 0.0)
    environ = {name: f"tg-0123456789abcdef-{name}" for name in re.findall(r"\$\{([A-Z_]+)\}", example)}
    environ["ANTHROPIC_API_KEY"] = "k"
    assert load(file, environ=environ).warnings == ()


def test_what_engines_can_is_what_the_page_says() -> None:
    for engine, column in (("embedded", 3), ("openai", 4), ("litellm", 5)):
        rows = [
            line.split("|") for line in TEXT.splitlines() if re.match(r"\| `[a-z_`, ]+` \| [^|]+ \| (yes|no) \|", line)
        ]
        said = {name: row[column].strip() == "yes" for row in rows for name in re.findall(r"`(\w+)`", row[1])}
        assert said == {name: name not in LACKING[engine] for name in CAPABILITIES}


def test_how_long_is_waited_is_what_the_page_says() -> None:
    said = dict(re.findall(r"^\| `(\w+)` \| (\d+) s", STREAMING, re.MULTILINE))
    server = Deployment(zone="cloud", engine="openai", base_url="http://127.0.0.1:9/v1")
    assert {name: float(seconds) for name, seconds in said.items()} == patience_of(server, RouteTimeouts())._asdict()
    assert "zone `local` as `total`" in STREAMING
    assert f"keep_alive_comment: {Server().keep_alive_comment:g}}}" in STREAMING
    assert LOADING_SECONDS == 600
    assert "ten\nminutes" in STREAMING


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 6
    assert len(WRONG) == 1


@pytest.mark.parametrize(("example", "answer"), WRONG)
def test_the_wrong_example_is_answered_as_shown(
    example: str, answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tidegate.yaml").write_text(example)
    with pytest.raises(ConfigurationError) as caught:
        load(environ={})
    assert str(caught.value) == answer.strip()
