"""If these fail, a rule of the file is another one where requests are routed."""

from __future__ import annotations

from dataclasses import fields

from gateway.accounting.usage import CHARACTERS_PER_TOKEN
from gateway.config.routebook import TOKEN_CHARACTERS, conditions_of, rules_of_route, tags_named
from gateway.config.routing import Bounds, Conditions, Length
from router.asker import NOBODY
from router.capability import NO_NEEDS
from router.conditions import During, Parameter
from router.content import content_of_text
from router.facts import Facts
from router.occasion import Occasion, tags_in
from tests.gateway.config.harness import BASE, loaded

THREE = BASE.replace(
    "deployments:\n", "deployments:\n  more: {zone: local, engine: openai, base_url: 'http://127.0.0.1:1/v1'}\n"
)


def leads(rules: str, classes: str = "small: [small, more], large: [large]") -> list[tuple[tuple[str, ...], ...]]:
    text = THREE.replace("small: [small], large: [large]", f"{classes}, rules: {rules}")
    route = loaded(text).settings.routes["auto"]
    return [(rule.lead.first, rule.lead.rest or ()) for rule in rules_of_route(route, "UTC")]


def test_what_goes_first() -> None:
    assert leads("[{name: a, when: {tools: true}, use: small}, {name: b, use: large}]") == [
        (("small", "more"), ("large",)),
        (("large",), ("small", "more")),
    ]
    assert leads("[{name: a, use: more}]") == [(("more",), ("small", "more", "large"))]
    assert leads("[{name: a, use: more}]", "small: [small], large: [large, more]") == [
        (("more",), ("large", "more", "small"))
    ]


def test_of_one_class_a_deployment_can_be_named_too() -> None:
    assert leads("[{name: a, use: more}]", "small: [small, more]") == [(("more",), ("small", "more"))]


def holds(when: Conditions, text: str = "", *tags: str) -> bool:
    facts = Facts(content_of_text(text), NOBODY, Occasion(0, tags_in(tags)), NO_NEEDS, None)
    return all(condition.holds(facts) for condition in conditions_of(when, "UTC"))


def test_length_is_counted_in_the_tokens_of_estimates() -> None:
    assert TOKEN_CHARACTERS == CHARACTERS_PER_TOKEN
    assert not holds(Conditions(length=Length(longer_than=2)), "x" * 8)
    assert holds(Conditions(length=Length(longer_than=2)), "x" * 9)
    assert holds(Conditions(length=Length(shorter_than=2)), "x" * 7)
    assert not holds(Conditions(length=Length(shorter_than=2)), "x" * 8)
    assert holds(Conditions(length=Length(longer_than=2, shorter_than=4, unit="characters")), "xxx")


def test_tags_are_compared_without_case() -> None:
    assert holds(Conditions(tags=("Batch",)), "", "bAtCh")


def test_every_condition_becomes_one() -> None:
    bounds = Bounds(at_least=1)
    when = Conditions(
        keys=("k",),
        teams=("t",),
        tags=("g",),
        languages=("en",),
        length=Length(longer_than=1),
        turns=bounds,
        tools=False,
        modalities=("image",),
        matches="a",
        system_matches="b",
        hours="1-2",
        days=("mon",),
        temperature=bounds,
        max_tokens=bounds,
    )
    found = conditions_of(when, "Europe/Berlin")
    names = {setting.name for setting in fields(Conditions)} - {"days", "timezone"}  # both are of the hours
    assert {one.name for one in found} == names
    assert len(found) == len(names)
    (hours,) = (one for one in found if isinstance(one, During))
    assert str(hours.hours.zone) == "Europe/Berlin"
    assert [one.fields for one in found if isinstance(one, Parameter)] == [
        ("temperature",),
        ("max_tokens", "max_completion_tokens"),
    ]
    assert conditions_of(Conditions(), "UTC") == ()


def test_tags_that_rules_ask_for_or_that_have_a_budget_are_known_by_name() -> None:
    rules = "[{name: a, when: {tags: [Batch, eval]}, use: small}, {name: b, when: {keys: [dev]}, use: small}]"
    text = THREE.replace("small: [small], large: [large]", f"small: [small], large: [large], rules: {rules}")
    more = (
        "keys: [{name: dev, key: x}]\nbudgets: {b: {amount: 1, tag: atlas, period: day}, c: {amount: 1, period: day}}\n"
    )
    assert tags_named(loaded(text + more).settings) == {"batch", "eval", "atlas"}
    assert tags_named(loaded(BASE).settings) == frozenset()
