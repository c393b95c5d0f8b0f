"""If these fail, what an operator writes about a dial is read as something else."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.config.dial import CALLERS, RouteDial
from gateway.config.dialtables import table_file
from gateway.config.load import version_of
from gateway.dials.controllers import MOST
from router.calibration.conformal import rows_for
from router.dial import Dial
from router.steering import STEP
from tests.gateway.config.harness import BASE, loaded


def dial_in(text: str) -> RouteDial | None:
    return loaded(BASE.replace("large: [large]}", f"large: [large], dial: {text}}}")).settings.routes["auto"].dial


@pytest.mark.parametrize(
    ("text", "dial"),
    [
        ("{share: 0.30}", Dial("share", Decimal("0.3"))),
        ("{share: 0}", Dial("share", Decimal(0))),
        ('{threshold: "0.5"}', Dial("threshold", Decimal("0.5"))),
        ("{callers: any}", None),
    ],
)
def test_what_is_written(text: str, dial: Dial | None) -> None:
    found = dial_in(text)
    assert found is not None
    assert found.dial == dial
    assert (found.kinds == ()) == (dial is None)


def test_callers_may_lower_unless_something_else_is_written() -> None:
    found = dial_in("{share: 0.3}")
    assert found is not None
    assert found.callers == CALLERS == "lower"


def test_another_dial_is_another_version_of_the_configuration() -> None:
    """So that no answer from before it is given again."""
    versions = {
        version_of(loaded(BASE.replace("large: [large]}", f"large: [large]{more}}}")).settings)
        for more in ("", ", dial: {share: 0.3}", ", dial: {share: 0.4}", ", dial: {share: 0.3, callers: any}")
    }
    assert len(versions) == 4


PAGE = (Path(__file__).parents[3] / "docs" / "routing.md").read_text()
SECTION = PAGE.partition("\n## The dial\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("example", re.findall(r"^```yaml\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE))
def test_the_examples_on_the_page_load(example: str) -> None:
    assert loaded(BASE.partition("routes:")[0] + example).warnings == ()


def test_the_page_says_what_is_so() -> None:
    assert f"calibration/{table_file(Path(), 'ROUTE').name}" in SECTION
    assert f"The last {MOST} are kept" in " ".join(SECTION.split())
    assert (1 + STEP) / (STEP * 5000) < 0.01
    assert (1 + STEP) / (STEP * 1000) < 0.05
    assert (1 + STEP) / (STEP * 10_000) < 0.005
    assert (rows_for(Decimal("0.05")), rows_for(Decimal("0.01"))) == (19, 99)
