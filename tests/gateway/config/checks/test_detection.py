"""Terms, patterns and plug-ins that cannot work are refused at the start, with their line."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said

_LINE = BASE.count("\n") + 1


def refused(detection: str) -> list[str]:
    return said(f"{BASE}detection: {detection}\n")


@pytest.mark.parametrize(
    ("detection", "message"),
    [
        ("{terms: {project: [Bluebird]}}", "'project' is no type of finding; write it like PROJECT or EMPLOYEE_ID"),
        ("{patterns: {X Y: [a]}}", "'X Y' is no type of finding; write it like PROJECT or EMPLOYEE_ID"),
        ("{terms: {PROJECT: [x]}}", "'x' has fewer than two letters or digits, and would be found everywhere"),
        ("{patterns: {ID: ['(a']}}", "'(a' is no RE2 pattern: missing ): (a; write another, or leave it out"),
        ("{patterns: {ID: ['a*']}}", "'a*' matches the empty text, and so would be found everywhere"),
        ("{patterns: {ID: 'a'}}", "must be a list; write [a, b]"),
        ("{plugins: [{name: presidia}]}", "there is no plug-in 'presidia'; did you mean 'presidio'?"),
        ("{plugins: [{name: gliner}]}", "'gliner' needs what is not installed: gliner; pip install gliner"),
        ("{term_files: {PROJECT: nowhere.txt}}", "nowhere.txt cannot be read: No such file or directory"),
    ],
)
def test_refused_with_its_line(detection: str, message: str) -> None:
    problems = refused(detection)
    assert len(problems) == 1
    assert problems[0].startswith(f":{_LINE}:")
    assert message in problems[0]


def test_all_of_it_at_once() -> None:
    assert len(refused("{terms: {a: [x, y]}, patterns: {BB: ['(', '*']}}")) == 5


def test_what_can_work_loads() -> None:
    detection = loaded(
        BASE + "detection: {terms: {PROJECT: [Bluebird]}, patterns: {ID: ['E-\\d+']}}\n"
    ).settings.detection
    assert detection.terms == {"PROJECT": ("Bluebird",)}
    assert detection.patterns == {"ID": ("E-\\d+",)}
