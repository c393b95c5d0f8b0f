"""If this fails, agents' loops of tools are kept on the small model for nothing, or a key in them goes to the cloud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from bench.agents.apart_results import RESULTS as APART
from bench.agents.bodies import DIALECTS, RESULTS, steps
from bench.agents.draws import Draw
from bench.agents.planted import FORMS, planted
from router.content import content_of
from router.sensitivity.scanner import Scanner

SCANNER = Scanner.default()
MOST = 0.02
LEAST = 0.98


def is_found(body: Mapping[str, object]) -> bool:
    scan = SCANNER.scan(content_of(body))
    assert scan.failed == ()
    return bool(scan.findings)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_loops_of_tools_are_not_sensitive(dialect: str) -> None:
    draws = [Draw(5000 + number) for number in range(150)]
    assert sum(is_found(DIALECTS[dialect](draw, steps(draw))) for draw in draws) <= MOST * len(draws)


def test_results_are_not_sensitive() -> None:
    alarms: Counter[str] = Counter()
    for result in (*RESULTS, *APART):
        for number in range(20):
            body = {"messages": [{"role": "tool", "content": result(Draw(7000 + number))}]}
            alarms[result.__name__] += is_found(body)
    assert alarms.total() <= MOST * 20 * len((*RESULTS, *APART))
    assert max(alarms.values()) <= 3


def test_secrets_in_the_midst_of_them_are_found() -> None:
    missed = [name for name, form in FORMS.items() for number in range(3) if not is_found(planted(Draw(number), form))]
    assert len(missed) <= (1 - LEAST) * 3 * len(FORMS), missed
