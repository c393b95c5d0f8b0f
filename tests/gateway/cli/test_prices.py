"""`tidegate prices`: what will be billed, from the very book that bills it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.main import main

CONFIGURATION = """\
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: local-model}
  rack: {zone: eu, engine: openai, base_url: "http://10.0.0.5:1/v1", price: RACK}
  large: {zone: cloud, engine: openai, base_url: "https://api.openai.com/v1", model: gpt-99, api_key: k}
  own: {zone: cloud, engine: openai, base_url: "https://api.openai.com/v1", model: gpt-98, api_key: k, price: OWN}
routes:
  auto: {small: [small, rack], large: [large, own]}
prices: march.yaml
""".replace("RACK", "{machine: {watts: 500, per_kwh: 1, per_hour: 2}}").replace(
    "OWN", '{tokens: {input: "0.20", output: "0.80", cached_input: "0.05"}}'
)
MARCH = 'since: 2026-03-01\nmodels:\n  openai/gpt-99: {input: "2.50", output: "10"}\n'


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "march.yaml").write_text(MARCH)
    (tmp_path / "tidegate.yaml").write_text(CONFIGURATION)
    return str(tmp_path / "tidegate.yaml")


def test_a_line_for_each_deployment(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "list", "--config", config, "--at", "2026-03-01"]) == 0
    assert capsys.readouterr().out == (
        "DEPLOYMENT  INPUT  OUTPUT  MORE                                         SINCE       FROM\n"
        "small       -      -       0.048 an hour (60 W × 0.3 $/kWh + 0.03 $/h)  -           an assumption\n"
        "rack        -      -       2.5 an hour (500 W × 1 $/kWh + 2 $/h)        -           the configuration\n"
        "large       2.5    10                                                   2026-03-01  march.yaml\n"
        "own         0.2    0.8     cached 0.05                                  -           the configuration\n"
        "\n"
        "Dollars per million tokens, or per hour that a machine is busy.\n"
    )


def test_before_its_time_a_price_is_not_in_force(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "list", "--config", config, "--at", "2026-02-28T23:59:59"]) == 0
    assert "large       unknown  unknown" in capsys.readouterr().out


def test_as_json_amounts_are_texts(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "list", "--config", config, "--at", "2026-01-01", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["large"] == {
        "model": "gpt-99",
        "zone": "cloud",
        "versions": [
            {
                "since": "2026-03-01",
                "source": "file",
                "named": "march.yaml",
                "rates": {"input": "2.5", "output": "10"},
            }
        ],
        "in_force": None,
    }
    assert said["rack"]["versions"][0]["rates"] == {"watts": "500", "per_kwh": "1", "per_hour": "2", "measured": None}
    assert said["rack"]["in_force"] == 0


def test_all_of_one(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "show", "own", "--config", config]) == 0
    assert capsys.readouterr().out == (
        "always, from the configuration  (in force)\n  input         0.2\n  cached input  0.05\n  output        0.8\n"
    )
    assert main(["prices", "show", "large", "--config", config, "--at", "2026-01-01"]) == 0
    assert capsys.readouterr().out.startswith("since 2026-03-01, from march.yaml\n")


def test_what_a_model_takes_is_told_where_the_list_says_so(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(config).write_text(CONFIGURATION.replace("gpt-99", "gpt-4o-mini"))
    assert main(["prices", "show", "large", "--config", config]) == 0
    assert "tokens at most: 128,000 in, 16,384 out" in capsys.readouterr().out


def test_a_name_that_nobody_has(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "show", "lrge", "--config", config]) == 2
    assert "there is no deployment 'lrge'; there are small, rack, large, own" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("at", "status", "said"),
    [
        ("2026-03-01", 0, "small: its price is an assumption; give it its own\n"),
        (
            "2026-02-01",
            1,
            "large: has no price, so what it costs is unknown; give it one, or name its model in a price file\n"
            "small: its price is an assumption; give it its own\n",
        ),
    ],
)
def test_a_check_finds_what_has_no_price(
    config: str, at: str, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prices", "check", "--config", config, "--at", at]) == status
    assert capsys.readouterr().out == said


def test_a_check_finds_prices_of_nobody(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(config).parent / "march.yaml"
    file.write_text(MARCH + "  openai/gpt-98: {input: 1, output: 1}\n")
    assert main(["prices", "check", "--config", config, "--at", "2026-03-01"]) == 1
    said = capsys.readouterr().out
    assert "march.yaml: openai/gpt-98 is the model of no deployment without a price of its own\n" in said


def test_a_configuration_that_cannot_be_used(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    (Path(config).parent / "march.yaml").unlink()
    assert main(["prices", "list", "--config", config]) == 1
    assert "cannot be read" in capsys.readouterr().err
