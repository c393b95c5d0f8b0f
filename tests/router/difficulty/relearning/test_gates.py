"""A user loses: a gate that does not close, or one that closes and does not say what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from router.difficulty.evaluation import Interval
from router.difficulty.relearning.anchors import Standing
from router.difficulty.relearning.disputes import Dispute
from router.difficulty.relearning.dissent import KeyView
from router.difficulty.relearning.gates import NOTHING, Findings, Permission, counted, judged
from router.difficulty.relearning.told import evidence
from tests.router.difficulty.relearning.traffic import requests, told

GOOD = Interval(0.05, 0.02, 0.08)
BAD = Interval(0.01, -0.02, 0.04)
ONE = KeyView("dev", 200, 0.5, 0.5, 0.1, GOOD, 0, "")
TWO = replace(ONE, name="ops")
FOUND = evidence(told(requests(300, 1)))
FINE = Findings(
    FOUND,
    GOOD,
    0.03,
    Interval(0.55, 0.5, 0.6),
    Interval(0.65, 0.6, 0.7),
    None,
    (Standing(0.98, 0.94, 0.97), Standing(0.97, 0.9, 0.95)),
    (ONE, TWO),
    (),
)


def closed(findings: Findings, may: Permission = NOTHING) -> list[str]:
    gates = judged(findings, may)
    assert all(gate.remedy for gate in gates if not gate.held)
    return [gate.name for gate in gates if not gate.held]


def test_what_is_fine_passes() -> None:
    assert closed(FINE) == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"gain": BAD}, "better"),
        ({"newest_gain": -0.1}, "newest"),
        ({"new_ranking": Interval(0.52, 0.48, 0.56)}, "ranks"),
        ({"old_ranking": Interval(0.4, 0.35, 0.45)}, "plausible"),
        ({"old_ranking": Interval(0.4, 0.35, 0.45), "trusted_gain": BAD}, "plausible"),
        ({"trusted_gain": Interval(-0.05, -0.1, 0.0)}, "trusted"),
        ({"anchors": (FINE.anchors[0], Standing(0.9, 0.9, 0.95))}, "anchors"),
        ({"anchors": (FINE.anchors[0], Standing(0.98, 0.8, 0.95))}, "anchors"),
        ({"anchors": (FINE.anchors[0], Standing(0.98, 0.9, 0.8))}, "anchors"),
        ({"keys": (replace(ONE, raw=0.9), replace(TWO, raw=0.1))}, "several keys"),
        ({"keys": (replace(ONE, without=BAD), TWO)}, "without each key"),
        ({"keys": (replace(ONE, gain=-0.1), TWO)}, "most keys"),
        ({"keys": (replace(ONE, against=20, where="says bad where others say good"), TWO)}, "agreement"),
        ({"disputes": (Dispute(40, ("dev+", "ops-")),)}, "undisputed"),
    ],
)
def test_each_gate_closes_for_its_own_reason(changes: dict[str, Any], name: str) -> None:
    assert closed(replace(FINE, **changes)) == [name]


def test_trusted_labels_open_what_only_they_can() -> None:
    turned = replace(FINE, old_ranking=Interval(0.4, 0.35, 0.45), trusted_gain=GOOD)
    assert closed(turned) == []
    alone = replace(FINE, keys=(replace(ONE, raw=0.95),), trusted_gain=GOOD)
    assert closed(alone) == []


def test_one_key_passes_where_it_may() -> None:
    alone = replace(FINE, keys=(replace(ONE, raw=1.0, without=None),))
    assert closed(alone) == ["several keys"]
    assert closed(alone, Permission(one_key=True)) == []


def test_rows_of_both_kinds_are_needed() -> None:
    assert [gate.held for gate in counted(FOUND)] == [True, True]
    assert [gate.held for gate in counted(FOUND.take(FOUND.share > 0.5))] == [True, False]
    assert [gate.held for gate in counted(FOUND.take(np.arange(90)))] == [False, True]


def test_a_gate_can_be_read_by_machines() -> None:
    assert judged(FINE, NOTHING)[0].card() == {
        "name": "better",
        "held": True,
        "found": "on rows held back, log-loss smaller by 0.050 [0.020, 0.080]",
    }
