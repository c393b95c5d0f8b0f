"""How a problem reads."""

from __future__ import annotations

from gateway.config.problems import ConfigurationError, Problem, dotted


def test_a_problem_is_one_readable_line() -> None:
    problem = Problem("tidegate.yaml", 12, 5, "deployments.small.zon", "unknown key 'zon'", "did you mean 'zone'?")
    assert str(problem) == "tidegate.yaml:12: deployments.small.zon: unknown key 'zon'; did you mean 'zone'?"
    assert str(Problem("t.yaml", None, None, "", "is empty")) == "t.yaml: is empty"


def test_the_error_holds_and_says_all() -> None:
    error = ConfigurationError([Problem("t", 1, 1, "a", "m"), Problem("t", 2, 1, "b", "n")])
    assert str(error) == "t:1: a: m\nt:2: b: n"
    assert len(error.problems) == 2


def test_paths_are_written_with_positions() -> None:
    assert dotted(("keys", 0, "routes", 12)) == "keys[0].routes[12]"
    assert dotted(()) == ""
