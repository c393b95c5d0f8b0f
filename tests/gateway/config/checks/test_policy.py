"""A policy that does not mean what its author thinks is one that leaks."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("[{clearance: home+}]", "[0].clearance: 'home+' is no clearance"),
        ("[{types: []}]", "[0].types: names no type of finding"),
        ("[{types: [email]}]", "[0].types[0]: 'email' is no type of finding; write it like EMAIL, or '*'"),
        ("[{types: EMAIL}]", "[0].types: must be a list, not 'EMAIL'; write [a, b]"),
        ("[{}, {types: [EMAIL]}]", "[1]: is never reached; put it before rule 1, which takes every finding"),
        ("[{confidence: 1.5}]", "[0].confidence: must be less than or equal to 1, not '1.5'"),
        (
            "[{types: [finnance]}]",
            "[0].types[0]: 'finnance' is no type of finding; write it like EMAIL, or '*'; did",
        ),
        ("[{action: keep}]", "[0].action: must be 'local', 'mask', 'block' or 'allow', not 'keep'"),
        ("[{action: local, clearance: any}]", "[0]: says twice what follows; write either clearance, or action and"),
        ("[{zones: [local], clearance: any}]", "[0]: says twice what follows"),
        ("[{action: block, zones: [local]}]", "[0].zones: mean nothing where the action is block"),
        ("[{zones: []}]", "[0].zones: name no zone; write [local, eu], or action: block to refuse it"),
        ("[{zones: [local, Europe]}]", "[0].zones[1]: 'Europe' is no zone name"),
        (
            "[{zones: [local, eu]}]",
            "[0].zones[1]: no deployment is in zone 'eu'; give a deployment zone: eu",
        ),
        ("[{clearance: clud+local}]", "[0].clearance: no deployment is in zone 'clud'; did you mean 'cloud'?"),
        ("[{routes: [aut]}]", "[0].routes[0]: there is no route 'aut'; did you mean 'auto'?"),
        ("[{keys: [anna]}]", "[0].keys[0]: there is no key 'anna'"),
        ("[{teams: [hr]}]", "[0].teams[0]: there is no team 'hr'"),
        ("[{labels: ['a b']}]", "[0].labels[0]: 'a b' is no label; letters in lower case, digits and . _ -"),
        ("[{regions: [FR]}]", "[0].regions[0]: 'FR' is no region"),
    ],
)
def test_bad_ones(rules: str, problem: str) -> None:
    (found,) = said(f"{BASE}policy: {{rules: {rules}}}\n")
    assert found.startswith(f":6: policy.rules{problem}")


@pytest.mark.parametrize(
    "rules",
    [
        "[]",
        "[{types: [EMAIL, IBAN], clearance: masked}, {}]",
        "[{confidence: 0.9}, {types: [EMAIL]}]",
        "[{types: [finance, secrets, EMAIL], action: block}]",
        "[{zones: [local, cloud]}]",
        "[{action: mask, zones: [local, cloud]}]",
        "[{routes: [auto], action: local}, {types: [EMAIL]}]",
        "[{keys: [generated], action: allow}, {regions: [fr]}]",
        "[{}, {labels: [Legal], action: block}]",
    ],
)
def test_good_ones(rules: str) -> None:
    assert loaded(f"{BASE}policy: {{rules: {rules}}}\n").warnings == ()


@pytest.mark.parametrize("preset", ["gdpr", "health", "finance", "secrets-only", "everything-local"])
def test_presets_need_nothing_else(preset: str) -> None:
    """Not even the zone that one of them lets things go to."""
    assert loaded(f"{BASE}policy: {{preset: {preset}}}\n").warnings == ()


def test_a_preset_that_has_nothing_to_decide() -> None:
    (warning,) = loaded(f"{BASE}policy: {{preset: gdpr, rules: [{{action: local}}]}}\n").warnings
    assert "policy.preset: has nothing to decide: rule 1 takes every finding" in str(warning)


def test_zones_without_home_are_rarely_meant() -> None:
    (warning,) = loaded(f"{BASE}policy: {{rules: [{{zones: [cloud]}}]}}\n").warnings
    assert str(warning).endswith("zones: leave out local: no deployment at home may see it either; add local")


def test_a_type_that_nothing_finds_is_likely_misspelt() -> None:
    (warning,) = loaded(f"{BASE}policy: {{rules: [{{types: [EMIAL, PROJECT_X], action: block}}]}}\n").warnings
    assert str(warning).endswith("nothing that ships finds 'EMIAL'; did you mean 'EMAIL'?")


@pytest.mark.parametrize(
    ("owner", "place"),
    [
        ("routes: {auto: {small: [small], policy: P}}", "routes.auto"),
        ("keys: [{name: a, key: '${A}', policy: P}]", "keys[0]"),
        ("keys: [{name: a, key: '${A}', locality: asia}]", "keys[0].locality: no deployment is in zone 'asia'"),
        ("keys: [{name: a, key: '${A}', region: A B}]", "keys[0].region: 'A B' is no region"),
    ],
)
def test_those_of_routes_and_keys_are_checked_too(owner: str, place: str) -> None:
    base = BASE[: BASE.index("routes")] if owner.startswith("routes") else BASE
    text = base + owner.replace("P}", "{rules: [{clearance: home+}]}}") + "\n"
    (found,) = said(text, {"A": "abcdefghijklmnopq"})
    assert place in found


def test_one_broken_deployment_is_not_a_missing_zone_too() -> None:
    (found,) = said(BASE.replace("zone: cloud, ", "") + "policy: {rules: [{clearance: cloud+local}]}\n")
    assert "deployments.large.zone: is missing" in found


FROM_OUTSIDE = {"A": "abcdefghijklmnopq", "NAME": "secretly", "ZONE": "hidden"}


@pytest.mark.parametrize(
    "text",
    [
        "policy: {rules: [{zones: [local, '${ZONE}']}]}",
        "policy: {rules: [{clearance: 'local+${ZONE}'}]}",
        "keys: [{name: a, key: '${A}', locality: '${ZONE}'}]",
        "policy: {rules: [{zones: [local, hidde]}]}\nredis: {zone: '${ZONE}'}",
        "policy: {rules: [{teams: [secretl]}]}\nkeys: [{name: a, key: '${A}', team: '${NAME}'}]",
        "policy: {rules: [{keys: [secretl]}]}\nkeys: [{name: '${NAME}', key: '${A}'}]",
        "policy: {rules: [{labels: ['${NAME}!'], keys: ['${NAME}'], regions: ['${NAME}!']}]}",
        "region: '${NAME}!'",
        "routes: {auto: {large: [large], locality: '${ZONE}'}}\nredis: {zone: '${ZONE}'}",
    ],
)
def test_nothing_of_the_environment_is_in_a_message(text: str) -> None:
    base = BASE[: BASE.index("routes")] if text.startswith("routes") else BASE
    found = said(f"{base}{text}\n", FROM_OUTSIDE)
    assert found
    assert not any(value in line for line in found for value in FROM_OUTSIDE.values())


def test_not_even_in_a_warning() -> None:
    keys = f"{{name: a, key: '${{A}}', team: '${{NAME}}'}}, {{name: b, hash: 'sha256:{64 * '0'}', team: secret}}"
    text = f"{BASE}keys: [{keys}]\nteams: {{secretl: {{}}}}\n"
    (warning,) = loaded(text, FROM_OUTSIDE).warnings
    assert "did you mean 'secret'?" in str(warning)
    assert "secretly" not in str(warning)
