"""A published price must be read digit for digit, and nobody else's price may be taken."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.accounting.catalogue import Catalogue, Listed, Wanted
from gateway.accounting.entry import Window
from gateway.accounting.tariff import Rates, Tariff


def file_of(folder: Path, text: str) -> Path:
    path = folder / "prices.json"
    path.write_text(text)
    return path


def test_numbers_do_not_pass_float(tmp_path: Path) -> None:
    path = file_of(tmp_path, '{"m": {"input_cost_per_token": 1.1e-07, "output_cost_per_token": 0.30000000000000004}}')
    found = Catalogue(path).find({"x": Wanted(("m",), None)})
    tariff = Tariff(Rates(prompt=Decimal("1.1E-7"), completion=Decimal("0.30000000000000004")))
    assert found == {"x": Listed(tariff, Window(), "m")}


def test_the_best_name_is_taken_and_only_from_the_right_provider(tmp_path: Path) -> None:
    entries = {
        "gemini-2.5-pro": {"litellm_provider": "vertex_ai-language-models", "input_cost_per_token": 2e-6},
        "gemini/gemini-2.5-pro": {"litellm_provider": "gemini", "input_cost_per_token": 1e-6},
        "claude": {"litellm_provider": "bedrock_converse", "input_cost_per_token": 3e-6},
    }
    catalogue = Catalogue(file_of(tmp_path, json.dumps(entries)))
    found = catalogue.find(
        {
            "studio": Wanted(("gemini/gemini-2.5-pro", "gemini-2.5-pro"), "gemini"),
            "vertex": Wanted(("vertex_ai/gemini-2.5-pro", "gemini-2.5-pro"), "vertex_ai"),
            "bedrock": Wanted(("bedrock/claude", "claude"), "bedrock"),
            "stranger": Wanted(("gemini-2.5-pro",), "openai"),
            "half a name": Wanted(("gemini-2.5-pro",), "vertex"),
            "absent": Wanted(("gpt-9",), None),
        }
    )
    assert {name: listed.tariff.base.prompt for name, listed in found.items()} == {
        "studio": Decimal("0.000001"),
        "vertex": Decimal("0.000002"),
        "bedrock": Decimal("0.000003"),
    }


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 10])
def test_an_unreadable_file_makes_prices_unknown(tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert Catalogue(file_of(tmp_path, text)).find({"x": Wanted(("m",), None)}) == {}
    assert "price map" in caplog.text


def test_the_file_is_not_opened_for_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert Catalogue(tmp_path / "missing").find({}) == {}
    assert not caplog.records


def test_the_shipped_file_prices_well_known_models_without_importing_litellm() -> None:
    program = (
        "import sys\n"
        "from gateway.accounting.catalogue import Catalogue, Wanted\n"
        "wanted = {'a': Wanted(('gpt-4o-mini',), 'openai'), 'b': Wanted(('claude-sonnet-4-5',), 'anthropic')}\n"
        "print(sorted(Catalogue().find(wanted)), 'litellm' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['a', 'b'] False"
