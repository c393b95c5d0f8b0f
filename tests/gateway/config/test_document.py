"""Where a problem is said to be."""

from __future__ import annotations

from gateway.config.document import Document, Place


def document() -> Document:
    return Document(
        "t.yaml",
        {"a": {"b": "1"}},
        keys={("a",): Place(1, 1), ("a", "b"): Place(2, 3)},
        values={("a",): Place(2, 3), ("a", "b"): Place(2, 6)},
    )


def test_the_place_is_that_of_the_value_or_of_the_key() -> None:
    assert document().problem(("a", "b"), "m").column == 6
    assert document().problem(("a", "b"), "m", at_key=True).column == 3


def test_what_is_missing_is_reported_at_what_it_is_missing_from() -> None:
    problem = document().problem(("a", "c", 0), "m", at_key=True)
    assert (problem.line, problem.path) == (1, "a.c[0]")
    assert document().problem(("z",), "m").line is None


def test_what_follows_from_a_fault_is_known() -> None:
    found = document()
    found.report(("a", "b"), "m", "r", place=Place(9, 9))
    assert (found.problems[0].line, found.problems[0].column) == (9, 9)
    assert found.is_faulty(("a", "b"))
    assert found.is_faulty(("a", "b", "c"))
    assert not found.is_faulty(("a",))


def test_a_value_of_the_command_line_replaces_what_is_said_about_the_file() -> None:
    found = document()
    found.variables["a", "b"] = ("X",)
    found.report(("a", "b"), "m")
    found.overridden(("a", "b"))
    assert found.problems == []
    assert not found.is_faulty(("a", "b"))
    assert str(found.problem(("a", "b"), "m")) == "command line: a.b: m"
    assert found.shown(("a", "b"), "5") == "'5'"
