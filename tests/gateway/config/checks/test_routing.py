"""A rule that does not mean what its author thinks sends requests to the wrong model without a word."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said


def text(rules: str, more: str = "") -> str:
    listed = BASE.replace("large: [large]}", f"large: [large], rules: {rules}}}")
    return f"{listed}keys: [{{name: anna, hash: 'sha256:{'0' * 64}', team: hr}}]\n{more}"


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("[{name: a, use: lage}]", "[0].use: there is no deployment 'lage'; did you mean 'large'?"),
        ("[{name: a b, use: large}]", "[0].name: 'a b' is no name for a rule; letters, digits and . _ -, at most 64"),
        ("[{use: large}]", "[0].name: is missing; shown as the reason"),
        (
            "[{name: a, when: {tools: true}, use: large}, {name: a, use: small}]",
            "[1].name: 'a' is the name of two rules; rename one",
        ),
        ("[{name: a, when: {key: [anna]}, use: large}]", "[0].when.key: unknown key 'key'; did you mean 'keys'?"),
        (
            "[{name: a, when: {keys: [ann]}, use: large}]",
            "[0].when.keys[0]: there is no key 'ann'; did you mean 'anna'?",
        ),
        ("[{name: a, when: {teams: [it]}, use: large}]", "[0].when.teams[0]: there is no team 'it'"),
        ("[{name: a, when: {tags: []}, use: large}]", "[0].when.tags: is empty, so it never holds"),
        ("[{name: a, when: {tags: ['a,b']}, use: large}]", "[0].when.tags[0]: 'a,b' is no tag"),
        (
            "[{name: a, when: {languages: [english]}, use: large}]",
            "[0].when.languages[0]: 'english' is no language that",
        ),
        (
            "[{name: a, when: {length: {}}, use: large}]",
            "[0].when.length: says nothing; write longer_than or shorter_than",
        ),
        (
            "[{name: a, when: {length: {longer_than: 9, shorter_than: 9}}, use: large}]",
            "[0].when.length: never holds: nothing is both longer and shorter",
        ),
        (
            "[{name: a, when: {turns: {at_least: 3, at_most: 2}}, use: large}]",
            "[0].when.turns: never holds: at_least is",
        ),
        ("[{name: a, when: {turns: {at_most: -1}}, use: large}]", "[0].when.turns: never holds: nothing is below 0"),
        ("[{name: a, when: {modalities: [smell]}, use: large}]", "[0].when.modalities[0]: must be 'text', 'image'"),
        ("[{name: a, when: {matches: '('}, use: large}]", "[0].when.matches: '(' is no RE2 pattern: missing )"),
        (
            "[{name: a, when: {system_matches: 'x*'}, use: large}]",
            "[0].when.system_matches: 'x*' matches the empty text",
        ),
        (
            "[{name: a, when: {hours: late}, use: large}]",
            "[0].when.hours: 'late' is no span of the day; write it like 22:00",
        ),
        ("[{name: a, when: {hours: 9-9}, use: large}]", "[0].when.hours: '9-9' is no span of the day"),
        ("[{name: a, when: {days: [monday]}, use: large}]", "[0].when.days: one of these is no day; write mon, tue"),
        (
            "[{name: a, when: {hours: 9-17, timezone: Europe/Berln}, use: large}]",
            "[0].when.timezone: there is no time zone 'Europe/Berln' on this machine; did you mean 'Europe/Berlin'?",
        ),
        ("[{name: a, when: {timezone: UTC}, use: large}]", "[0].when.timezone: means nothing without hours or days"),
        (
            "[{name: a, use: large}, {name: b, when: {tools: true}, use: small}]",
            "[1]: rule 'b' is never reached; put it before 'a', which is for all that it is for, or leave it out",
        ),
        (
            "[{name: a, when: {tags: [x, y]}, use: large}, {name: b, when: {tags: [Y], tools: true}, use: small}]",
            "[1]: rule 'b' is never reached",
        ),
    ],
)
def test_bad_ones(rules: str, problem: str) -> None:
    (found,) = said(text(rules))
    assert found.startswith(f":5: routes.auto.rules{problem}")


@pytest.mark.parametrize(
    "rules",
    [
        "[]",
        "[{name: a, use: small}]",
        "[{name: a, when: {keys: [anna, generated], teams: [hr]}, use: large},"
        " {name: b, when: {keys: [anna]}, use: small}]",
        "[{name: a, when: {hours: '22:00-06:00', timezone: Europe/Berlin}, use: small},"
        " {name: b, when: {days: [sat-sun]}, use: small}]",
        "[{name: a, when: {languages: [fr, unknown], length: {longer_than: 9}, turns: {at_least: 2}}, use: large}]",
        "[{name: a, when: {length: {longer_than: 8, shorter_than: 10}}, use: large},"
        " {name: b, when: {length: {longer_than: 7}}, use: small}]",
        "[{name: a, when: {matches: a}, use: large}, {name: b, when: {matches: b}, use: small}, {name: c, use: small}]",
    ],
)
def test_good_ones(rules: str) -> None:
    assert loaded(text(rules)).warnings == ()


def test_a_class_that_the_route_does_not_have() -> None:
    one = BASE.replace(", large: [large]}", ", rules: [{name: a, use: large}]}")
    assert said(one) == [":5: routes.auto.rules[0].use: the route has no large deployment; list one under large"]


def test_a_deployment_of_another_route() -> None:
    other = BASE.replace(
        "large: [large]}", "large: [large]}\n  two: {small: [more], rules: [{name: a, use: other}]}"
    ).replace(
        "deployments:\n",
        "deployments:\n"
        "  more: {zone: local, engine: openai, base_url: 'http://127.0.0.1:1/v1'}\n"
        "  other: {zone: local, engine: openai, base_url: 'http://127.0.0.1:1/v1'}\n",
    )
    assert said(other) == [
        ":8: routes.two.rules[0].use: 'other' is no deployment of this route; list it under small, large or specialists"
    ]


def test_the_server_has_a_time_zone() -> None:
    assert said(text("[]", "server: {timezone: Nowhere}\n")) == [
        ":7: server.timezone: there is no time zone 'Nowhere' on this machine; write it like Europe/Berlin"
    ]
    hours = "[{name: a, when: {hours: 9-17}, use: large}]"
    assert [problem.partition(": ")[2][:15] for problem in said(text(hours, "server: {timezone: Nowhere}\n"))] == [
        "server.timezone"
    ]


def test_a_value_of_the_environment_is_not_shown() -> None:
    rules = "[{name: a, when: {keys: ['${KEY}'], matches: '${PATTERN}'}, use: '${USE}'}]"
    problems = said(text(rules), {"KEY": "hidden-one", "PATTERN": "hidden-(", "USE": "hidden-two"})
    assert len(problems) == 3
    assert not any("hidden" in problem for problem in problems)
