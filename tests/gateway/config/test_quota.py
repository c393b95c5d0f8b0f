"""If these fail, an operator's limits and budgets are read as something else."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.config.load import version_of
from gateway.config.quota import NO_LIMITS, Budget, Limits, rolled
from gateway.config.settings import Key, Route, Settings, Team
from gateway.config.shape import settings_of
from tests.gateway.config.harness import BASE, loaded

PAGE = (Path(__file__).parents[3] / "docs" / "budgets.md").read_text()
KEY = "tg-0123456789abcdef0123456789abcdef"
LIMITED = """\
keys:
  - {name: dev, key: "${TIDEGATE_KEY}", team: lab, limits: {requests_per_minute: 60}}
teams:
  lab: {limits: {tokens_per_minute: 100000}}
budgets:
  all: {amount: "100.10", period: month}
"""


def test_nothing_is_limited_unless_somebody_says_so() -> None:
    assert not NO_LIMITS
    assert Key(name="a").limits is Team().limits is Route().limits is NO_LIMITS
    assert settings_of(Settings, {"deployments": {}, "routes": {}}).budgets == {}
    assert Route().max_tokens is None


@pytest.mark.parametrize("name", ["requests_per_minute", "tokens_per_minute", "concurrent"])
def test_a_limit_of_nothing_is_a_limit(name: str) -> None:
    limits = settings_of(Limits, {name: 0})
    assert limits
    assert getattr(limits, name) == 0
    with pytest.raises(ValidationError, match=name):
        settings_of(Limits, {name: -1})
    with pytest.raises(ValidationError, match=name):
        settings_of(Limits, {name: 1.5})


def test_a_budget_is_hard_and_refuses_unless_somebody_says_otherwise() -> None:
    budget = settings_of(Budget, {"amount": "0.1", "period": "day"})
    assert budget.amount == Decimal("0.1")
    assert (budget.hard, budget.at_limit, budget.without_store, budget.unpriced) == (
        True,
        "refuse",
        "stay-local",
        "refuse",
    )
    assert budget.alerts == (Decimal("0.5"), Decimal("0.8"), Decimal(1))
    assert budget.whose == ()


@pytest.mark.parametrize("kind", ["key", "team", "route", "tag"])
def test_a_budget_says_whose_it_is(kind: str) -> None:
    assert settings_of(Budget, {"amount": 1, "period": "day", kind: "a"}).whose == (kind,)


@pytest.mark.parametrize("amount", ["-1", "1e10", "NaN", "Infinity", ""])
def test_an_amount_is_a_sensible_number(amount: str) -> None:
    with pytest.raises(ValidationError, match="amount"):
        settings_of(Budget, {"amount": amount, "period": "day"})


def test_limits_and_budgets_do_not_change_how_requests_are_routed() -> None:
    """So the answer cache goes on as it was."""
    environ = {"TIDEGATE_KEY": KEY}
    plain = '\nkeys:\n  - {name: dev, key: "${TIDEGATE_KEY}", team: lab}\nteams:\n  lab: {}\n'
    limited = BASE.replace("large: [large]}", "large: [large], limits: {concurrent: 4}}") + LIMITED
    found = loaded(limited, environ)
    assert found.settings.budgets["all"].amount == Decimal("100.10")
    assert found.settings.teams["lab"].limits == Limits(tokens_per_minute=100_000)
    assert found.version == loaded(BASE + plain, environ).version
    assert version_of(found.settings) == found.version


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
def test_the_examples_on_the_page_load_without_a_warning(example: str) -> None:
    base = BASE.partition("routes:")[0] if "\nroutes:" in f"\n{example}" else BASE
    keys = "" if "keys:" in example else 'keys:\n  - {name: dev, key: "${TIDEGATE_KEY}", team: research}\n'
    found = loaded(base + keys + example, {"TIDEGATE_KEY": KEY, "BATCH_KEY": KEY})
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("text", "length"),
    [("1h", (1, "h")), ("48h", (48, "h")), ("1d", (1, "d")), ("92d", (92, "d")), ("024h", (24, "h"))],
)
def test_a_length_is_read(text: str, length: tuple[int, str]) -> None:
    assert rolled(text) == length


@pytest.mark.parametrize("text", ["", "h", "d", "0d", "49h", "93d", "-1d", "1.5h", "1w", "24", " 24h", "²h"])
def test_what_is_no_length_is_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a number|too long"):
        rolled(text)
