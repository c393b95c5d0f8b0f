"""A budget that concerns nobody, or never begins anew, is found when money is gone: refused at the start."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said

KEYS = 'keys:\n  - {name: dev, hash: "sha256:' + "0" * 64 + '", team: lab}\n'
LINE = len((BASE + KEYS + "budgets:\n").splitlines()) + 1


def budget(settings: str, name: str = "b", base: str = BASE) -> str:
    return f"{base}{KEYS}budgets:\n  {name}: {{{settings}}}\n"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("amount: 1", "b: says not for how long; write period: month, or rolling: 30d"),
        ("amount: 1, period: day, rolling: 30d", "b: has period and rolling; keep one of the two"),
        ("amount: 1, period: year", "b.period: must be 'day', 'week' or 'month', not 'year'"),
        ("period: day", "b.amount: is missing"),
        ("amount: -1, period: day", "b.amount: must be greater than or equal to 0"),
        ("amount: 1, rolling: 30", "b.rolling: '30' is no length of a rolling budget; write 1h to 48h, or 1d to 92d"),
        ("amount: 1, rolling: 0h", "b.rolling: '0h' is no length of a rolling budget"),
        ("amount: 1, rolling: 49h", "b.rolling: '49h' is no length of a rolling budget"),
        ("amount: 1, rolling: 93d", "b.rolling: '93d' is no length of a rolling budget"),
        ("amount: 1, rolling: '٣d'", "b.rolling: '٣d' is no length of a rolling budget"),
        ("amount: 1, period: day, key: dev, team: lab", "b: has key and team; a budget is for one of them"),
        ("amount: 1, period: day, key: dev, each: key", "b: has key and each; a budget is for one of them"),
        ("amount: 1, period: day, route: aut", "b.route: there is no route 'aut'; did you mean 'auto'?"),
        ("amount: 1, period: day, tag: Atlas", "b.tag: no request can have the tag 'Atlas'; one tag in lower case"),
        ("amount: 1, period: day, tag: 'a,b'", "b.tag: no request can have the tag 'a,b'"),
        ("amount: 1, period: day, timezone: Mars", "b.timezone: there is no time zone 'Mars' on this machine"),
        ("amount: 1, period: day, alerts: [0]", "b.alerts[0]: must be greater than 0"),
        ("amount: 1, period: day, at_limit: slow", "b.at_limit: must be 'refuse' or 'stay-local', not 'slow'"),
    ],
)
def test_bad_ones(settings: str, problem: str) -> None:
    found = said(budget(settings))
    assert any(line.startswith(f":{LINE}: budgets.{problem}") for line in found), found


def test_a_name_is_one_that_headers_and_metrics_can_carry() -> None:
    assert said(budget("amount: 1, period: day", "'a b'")) == [
        f":{LINE}: budgets.a b: 'a b' is no name; letters, digits and . _ @ + -, at most 64"
    ]


@pytest.mark.parametrize(
    "settings",
    [
        "amount: 100, period: month",
        "amount: 0, period: day, timezone: Europe/Berlin",
        "amount: '0.10', rolling: 24h, key: dev",
        "amount: 1, rolling: 92d, team: lab, timezone: Asia/Tokyo",
        "amount: 1, period: week, route: auto, at_limit: stay-local",
        "amount: 1, period: week, tag: 'project=atlas', hard: false, alerts: [0.5, 1, 2]",
        "amount: 1, period: day, each: key",
        "amount: 1, period: day, key: anonymous",
    ],
)
def test_good_ones(settings: str) -> None:
    assert loaded(budget(settings)).warnings == ()


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        ("amount: 1, period: day, key: deb", "key: no key here is called 'deb'; did you mean 'dev'?"),
        ("amount: 1, period: day, team: ops", "team: no team here is called 'ops'; right if that team is made while"),
        ("amount: 1, rolling: 2h, timezone: Europe/Berlin", "timezone: hours are counted alike everywhere"),
        ("amount: 1, period: day, hard: false, at_limit: stay-local", "at_limit: means nothing where hard is false"),
        ("amount: 1, period: day, alerts: [2]", "alerts: no more than all of a hard budget is spent"),
        ("amount: 1, period: day, route: away, at_limit: stay-local", "at_limit: nobody is at home on this route"),
    ],
)
def test_doubtful_ones(settings: str, warning: str) -> None:
    (found,) = loaded(budget(settings, base=BASE + "  away: {large: [large]}\n")).warnings
    assert f"{found.path}: {found.message}; {found.remedy}".startswith(f"budgets.b.{warning}")
    assert found.line == LINE + 1


@pytest.mark.parametrize("where", ["keys", "teams", "routes"])
def test_a_limit_is_no_less_than_nothing(where: str) -> None:
    limits = "limits: {concurrent: -1}"
    text = {
        "keys": BASE + KEYS.replace("team: lab", limits),
        "teams": BASE + KEYS + f"teams:\n  lab: {{{limits}}}\n",
        "routes": BASE.replace("large: [large]", f"large: [large], {limits}"),
    }[where]
    (problem,) = said(text)
    assert "limits.concurrent: must be greater than or equal to 0" in problem
