"""What keeps a route from answering."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, said

OTHERS = "  other: {zone: eu, engine: litellm, model: a/b}\n  own: {zone: local, engine: embedded}\n"
MORE = BASE.replace("routes:\n", f"{OTHERS}routes:\n")


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        ("{small: [smal]}", ".small[0]: there is no deployment 'smal'; did you mean 'small'?"),
        ("{small: [zzz]}", ".small[0]: there is no deployment 'zzz'"),
        ("{large: [large, large]}", ".large[1]: 'large' is listed twice; remove one"),
        ("{}", ": has no deployment; list at least one under small, large or embeddings"),
        ("{small: small}", ".small: must be a list, not 'small'; write [a, b]"),
        (
            "{embeddings: [small, large]}",
            ".embeddings: these deployments serve different models; make one route for each model",
        ),
        ("{moderations: [other]}", ".moderations[0]: engine litellm serves no moderations; use engine openai"),
        ("{embeddings: [own]}", ".embeddings[0]: engine embedded serves no embeddings; use engine openai"),
        ("{moderations: [own]}", ".moderations[0]: engine embedded serves no moderations; use engine openai"),
        ("{moderations: [smal]}", ".moderations[0]: there is no deployment 'smal'; did you mean 'small'?"),
        ("{small: [small], locality: home+}", ".locality: 'home+' is no clearance; write local, any, eu+local"),
        ("{large: [large], locality: local}", ": nothing asked of it could be answered: no deployment is in a zone"),
        ("{small: [small], embeddings: [other], locality: local}", ": nothing asked of it could be answered"),
        ("{large: [large], policy: {preset: everything-local}}", ": nothing asked of it could be answered"),
        ("{small: [small], unreadable: {image: home+}}", ".unreadable.image: 'home+' is no clearance"),
        ("{small: [small], unreadable: {image: asia}}", ".unreadable.image: no deployment is in zone 'asia'"),
        ("{small: [small], unreadable: {image: masked}}", ".unreadable.image: what cannot be read cannot be masked"),
        ("{small: [small], unreadable: {deep: any}}", ".unreadable.deep: unknown key 'deep'"),
        ("{small: [small], threshold: 2}", ".threshold: must be less than or equal to 1, not '2'"),
        ("{small: [small], prefer: best}", ".prefer: must be 'auto', 'small' or 'large', not 'best'"),
        ("{small: [small], smal: []}", ".smal: unknown key 'smal'; did you mean 'small'?"),
    ],
)
def test_bad_ones(route: str, problem: str) -> None:
    (found,) = said(f"{MORE}  r: {route}\n")
    assert found.startswith(f":8: routes.r{problem}")


@pytest.mark.parametrize(
    "route",
    [
        "{large: [large]}",
        "{small: [small, large], large: [large], locality: 'masked:eu+local'}",
        "{embeddings: [small]}",
        "{embeddings: [other]}",
        "{moderations: [small, large]}",
        "{small: [small], embeddings: [large], moderations: [large]}",
        "{small: [other], large: [small]}",
        "{large: [large, small], locality: local}",
        "{large: [other], locality: 'masked:eu'}",
        "{small: [small], unreadable: {image: any, file: eu+local, blob: local}}",
    ],
)
def test_good_ones(route: str) -> None:
    assert said(f"{MORE}  r: {route}\n") == []


@pytest.mark.parametrize("name", ["gemma3:270m", "org/model", "gpt-4.1", "claude@20250101", "A+b_c"])
def test_names_are_those_that_clients_ask_for(name: str) -> None:
    assert said(f'{BASE}  "{name}": {{small: [small]}}\n') == []


@pytest.mark.parametrize("name", ["a b", "", "-a", "é", "a" * 129])
def test_other_names_are_refused(name: str) -> None:
    (found,) = said(f'{BASE}  "{name}": {{small: [small]}}\n')
    assert "is no name for a route" in found


def test_several_deployments_of_one_model_may_embed() -> None:
    text = BASE.replace("model: cloud-model", "model: local-model") + "  e: {embeddings: [small, large]}\n"
    assert said(text) == []


def test_there_must_be_one() -> None:
    assert said(BASE[: BASE.index("  auto")] + "  {}\n") == [
        ":4: routes: there is no route; add one, such as auto: {small: [NAME]}"
    ]


def test_the_reference_must_exist() -> None:
    assert said(BASE + "reference: larg\n") == [":6: reference: there is no deployment 'larg'; did you mean 'large'?"]


def test_a_broken_deployment_is_not_called_unknown_too() -> None:
    (found,) = said(BASE.replace("zone: cloud, ", ""))
    assert found.startswith(":3: deployments.large.zone: is missing; where it runs")


def test_a_route_that_a_rule_of_the_file_shuts() -> None:
    text = f"{MORE}  r: {{large: [large]}}\npolicy: {{rules: [{{routes: [r], action: local}}]}}\n"
    (found,) = said(text)
    assert found.startswith(":8: routes.r: nothing asked of it could be answered")
    assert said(text.replace("action: local", "teams: [], types: ['*'], action: local")) == []
