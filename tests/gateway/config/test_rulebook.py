"""If these fail, the router is told something else than the file says."""

from __future__ import annotations

import pytest

from gateway.config.policy import Policy, PolicyRule, Unreadable
from gateway.config.rulebook import EMPTY, Rulebook, clearance_of, further_rules_of, readable_of, rules_of
from gateway.config.settings import Key, Team
from router.asker import Asker
from router.clearance import ANY, LOCAL, NOWHERE, Clearance
from router.families import FAMILIES
from router.presets import PRESETS
from tests.gateway.config.harness import BASE, loaded


@pytest.mark.parametrize(
    ("rule", "clearance"),
    [
        (PolicyRule(), LOCAL),
        (PolicyRule(action="local"), LOCAL),
        (PolicyRule(action="allow"), ANY),
        (PolicyRule(action="block"), NOWHERE),
        (PolicyRule(action="mask"), Clearance.parse("masked")),
        (PolicyRule(action="mask", zones=("local", "eu")), Clearance.parse("masked:eu+local")),
        (PolicyRule(zones=("local", "eu")), Clearance.parse("eu+local")),
        (PolicyRule(clearance="masked:eu+local"), Clearance.parse("masked:eu+local")),
    ],
)
def test_what_follows_from_a_rule(rule: PolicyRule, clearance: Clearance) -> None:
    assert clearance_of(rule) == clearance


def test_a_policy_keeps_the_order_of_its_rules_and_the_preset_comes_last() -> None:
    rules = (PolicyRule(types=("EMAIL",), confidence=0.9, clearance="eu+local"), PolicyRule(types=("finance",)))
    policy = rules_of(Policy(preset="gdpr", rules=rules))
    assert [str(rule.clearance) for rule in policy.rules[:2]] == ["eu+local", "local"]
    assert [rule.confidence for rule in policy.rules[:2]] == [0.9, 0.0]
    assert policy.rules[1].types == FAMILIES["finance"]
    assert [rule.name for rule in policy.rules[:2]] == ["policy.rules[0]", "policy.rules[1]"]
    assert policy.rules[2:] == PRESETS["gdpr"]
    assert policy.unnamed == LOCAL


@pytest.mark.parametrize(
    ("rule", "whole"),
    [
        (PolicyRule(teams=("hr",)), True),
        (PolicyRule(labels=("Legal",)), True),
        (PolicyRule(teams=("hr",), types=("*",)), False),
        (PolicyRule(teams=("hr",), confidence=0.9), False),
        (PolicyRule(), False),
    ],
)
def test_a_rule_for_some_that_names_nothing_is_for_all_that_they_ask(rule: PolicyRule, whole: bool) -> None:
    (own,) = rules_of(Policy(rules=(rule,))).rules
    assert own.whole == whole
    assert own.scope.labels <= {"legal"}


def test_what_a_further_policy_does_not_name_is_left_to_that_of_the_file() -> None:
    assert further_rules_of(None, "x") == ()
    (further,) = further_rules_of(Policy(), "x")
    assert further.unnamed == ANY


def test_kinds_that_may_go_unread() -> None:
    assert readable_of(Unreadable()) == ()
    assert dict(readable_of(Unreadable(image="any", file="eu+local"))) == {
        "image": ANY,
        "file": Clearance.parse("eu+local"),
    }


WHOLE = """\
keys:
  - {name: ida, key: abcdefghijklmnopq, team: clinic, locality: cloud+local}
  - {name: bob, key: abcdefghijklmnopr, region: de, policy: {rules: [{types: [EMAIL], action: block}]}}
  - {name: eve, key: abcdefghijklmnops}
teams:
  clinic: {locality: local, region: fr, policy: {preset: health}}
region: us
policy: {rules: [{labels: [Legal], action: local}, {types: [PHONE], regions: [de], action: block}]}
"""


def test_who_asks() -> None:
    settings = loaded(BASE + WHOLE).settings
    book = Rulebook.of(settings)
    ida, bob, eve = (book.asker(key) for key in settings.keys)
    assert (ida.key, ida.team, ida.region, len(ida.policies)) == ("ida", "clinic", "fr", 1)
    assert (bob.key, bob.team, bob.region, len(bob.policies)) == ("bob", "", "de", 1)
    assert eve == Asker("eve", "", "us")
    assert [str(book.locality(key)) for key in settings.keys] == ["local", "any", "any"]
    assert book.labels == {"legal"}


def test_askers_share_answers_only_where_no_policy_can_tell_them_apart() -> None:
    settings = loaded(BASE + WHOLE).settings
    book = Rulebook.of(settings)
    assert len({book.mark(book.asker(key)) for key in settings.keys}) == 3
    assert EMPTY.mark(Asker("a", "b", "c")) == EMPTY.mark(Asker("x", "y", "z")) == ""
    by_team = Rulebook(looks_at=frozenset({"team"}))
    assert by_team.mark(Asker("a", "hr")) == by_team.mark(Asker("b", "hr")) != by_team.mark(Asker("a", "it"))


def test_a_team_that_is_not_in_the_file_has_nothing_to_say() -> None:
    assert EMPTY.asker(Key(name="a", team="hr")) == Asker("a", "hr")
    assert EMPTY.locality(Key(name="a", team="hr", locality="local")) == LOCAL
    book = Rulebook({"hr": Team(locality="local")})
    assert book.locality(Key(name="a", team="hr", locality="any")) == LOCAL
