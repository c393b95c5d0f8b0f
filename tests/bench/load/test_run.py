"""Which system takes which turn."""

from __future__ import annotations

from bench.load.options import options
from bench.load.registry import systems
from bench.load.run import plan
from bench.load.target import needed


def asked(*arguments: str) -> list[tuple[str, str]]:
    return plan(options(list(arguments)), systems())


def test_systems_take_turns_within_a_scenario() -> None:
    assert asked("--systems", "direct,ours", "--scenarios", "c1,c64") == [
        ("c1", "direct"),
        ("c1", "ours"),
        ("c64", "direct"),
        ("c64", "ours"),
    ]


def test_only_a_system_with_a_cache_is_asked_for_hits() -> None:
    assert asked("--systems", "ours,ours-redis", "--scenarios", "c64,hit") == [("c64", "ours"), ("hit", "ours-redis")]


def test_the_upstream_itself_has_no_start() -> None:
    assert asked("--systems", "direct,ours", "--scenarios", "start") == [("start", "ours")]


def test_the_table_brings_its_own_turns() -> None:
    assert asked("--table", "--systems", "direct") == needed()
