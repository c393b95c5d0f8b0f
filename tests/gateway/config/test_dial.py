"""If these fail, what an operator writes about a dial is read as something else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.config.dial import CALLERS, RouteDial
from gateway.config.load import version_of
from router.dial import Dial
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
