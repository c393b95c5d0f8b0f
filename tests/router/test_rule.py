"""If these fail, a rule speaks for those it was not written for."""

from __future__ import annotations

import pytest

from router.asker import Asker
from router.clearance import ANY, LOCAL, NOWHERE, Clearance
from router.rule import Rule, Scope
from router.sensitivity.finding import Finding

ANNA = Asker("anna", "sales", "fr", frozenset({"legal", "public"}))


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (Scope(), True),
        (Scope(keys=frozenset({"anna", "bob"})), True),
        (Scope(keys=frozenset({"bob"})), False),
        (Scope(teams=frozenset({"sales"}), regions=frozenset({"fr"})), True),
        (Scope(teams=frozenset({"sales"}), regions=frozenset({"de"})), False),
        (Scope(labels=frozenset({"legal", "secret"})), True),
        (Scope(labels=frozenset({"secret"})), False),
        (Scope(routes=frozenset({"auto"})), True),
        (Scope(routes=frozenset({"other"})), False),
    ],
)
def test_each_set_names_some_and_all_must_agree(scope: Scope, covered: bool) -> None:
    assert scope.covers("auto", ANNA) == covered
    assert Rule(scope=scope).is_for("auto", ANNA) == covered


def test_types() -> None:
    iban = Finding(0, 0, 1, "IBAN", 0.5)
    assert Rule().covers(iban)
    assert Rule(frozenset({"IBAN"})).covers(iban)
    assert not Rule(frozenset({"EMAIL"})).covers(iban)


@pytest.mark.parametrize(
    ("clearance", "blocks", "excuses"),
    [(NOWHERE, True, False), (ANY, False, False), (LOCAL, False, True), (Clearance.parse("masked"), False, True)],
)
def test_only_a_rule_that_keeps_can_say_from_when_on_it_does(clearance: Clearance, blocks: bool, excuses: bool) -> None:
    rule = Rule(clearance=clearance)
    assert (rule.blocks, rule.excuses_doubt) == (blocks, excuses)
