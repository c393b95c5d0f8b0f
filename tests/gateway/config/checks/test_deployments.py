"""What keeps a deployment from being called, or its zone from being believed; a user would find out from a leak."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, deployment, loaded, said

LOCAL = "zone: local, engine: openai, model: m, "
CLOUD = "zone: cloud, engine: openai, model: m, "


@pytest.mark.parametrize(
    "settings",
    [
        LOCAL + 'base_url: "http://127.0.0.1:11434/v1"',
        LOCAL + 'base_url: "http://[::1]:8000/v1"',
        LOCAL + 'base_url: "http://gpu1:8000/v1/"',
        LOCAL + 'base_url: "https://8.8.8.8/v1", trusted: true',
        CLOUD + 'base_url: "https://api.example.com/v1"',
        CLOUD + 'base_url: "https://8.8.8.8"',
        CLOUD + 'base_url: "http://127.0.0.1:9102/v1"',
        "zone: eu-west, engine: litellm, model: vertex_ai/gemini-x",
        "zone: local, engine: embedded",
        "zone: local, engine: embedded, tools: true, choices: false, echo:",
        "zone: cloud, engine: litellm, model: a/b, completions: false, seed: false",
        "zone: local, engine: embedded, model: ./a.gguf, base_url:",
        CLOUD.replace("model: m", 'model: "gpt-oss:120b-cloud"') + 'base_url: "http://127.0.0.1:11434/v1"',
        LOCAL.replace("model: m", "model: on-cloud") + 'base_url: "http://127.0.0.1:11434/v1"',
    ],
)
def test_good_ones(settings: str) -> None:
    assert said(deployment(settings)) == []


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (LOCAL, "d.base_url: is missing; engine openai needs an address such as http://127.0.0.1:8000/v1"),
        (LOCAL + 'base_url: ""', "d.base_url: is missing"),
        (LOCAL + "base_url: gpu1", "d.base_url: 'gpu1' is no http or https address"),
        (LOCAL + "base_url: gpu1:8000", "d.base_url: 'gpu1:8000' is no http or https address"),
        (LOCAL + 'base_url: "ftp://gpu1"', "d.base_url: 'ftp://gpu1' is no http or https address"),
        (LOCAL + 'base_url: "http:///v1"', "d.base_url: 'http:///v1' is no http or https address"),
        (LOCAL + 'base_url: "http://h:99999/v1"', "d.base_url: 'http://h:99999/v1' is no http or https address"),
        (LOCAL + 'base_url: "http://h:x/v1"', "d.base_url: 'http://h:x/v1' is no http or https address"),
        (LOCAL + 'base_url: "http://[::1/v1"', "d.base_url: 'http://[::1/v1' is no http or https address"),
        (LOCAL + 'base_url: "http://h/v 1"', "d.base_url: 'http://h/v 1' is no http or https address"),
        (LOCAL + 'base_url: "http://u:p@h/v1"', "d.base_url: holds credentials; put the key into api_key"),
        (LOCAL + 'base_url: "http://h/v1?a=b"', "d.base_url: 'http://h/v1?a=b' holds a query or a fragment"),
        (
            LOCAL + 'base_url: "https://8.8.8.8/v1"',
            "d.base_url: 'https://8.8.8.8/v1' looks public, but the zone is local",
        ),
        (LOCAL + 'base_url: "http://134744072/v1"', "d.base_url: 'http://134744072/v1' looks public"),
        (LOCAL + 'base_url: "https://api.openai.com/v1"', "d.base_url: 'https://api.openai.com/v1' looks public"),
        (
            "zone: local, engine: openai, model: 'gpt-oss:120b-Cloud', base_url: 'http://h/v1', trusted: true",
            "d.model: 'gpt-oss:120b-Cloud' runs in Ollama's cloud, but the zone is local; write zone: cloud",
        ),
        ("zone: local, engine: litellm, model: openai/gpt-x", "d.zone: litellm opens connections of its own"),
        (
            "zone: cloud, engine: litellm, model: a/b, completions: true",
            "d.completions: engine litellm serves chat and embeddings only; use engine openai",
        ),
        ("zone: cloud, engine: litellm, model: claude", "d.model: 'claude' names no provider; write provider/model"),
        ("zone: cloud, engine: litellm", "d.model: 'default' names no provider"),
        ("zone: cloud, engine: embedded", "d.zone: engine embedded runs in this machine; write zone: local"),
        (
            "zone: local, engine: embedded, base_url: 'http://h'",
            "d.base_url: engine embedded has its own; remove base_url",
        ),
        ("zone: local, engine: embedded, api_key: x", "d.api_key: engine embedded has its own; remove api_key"),
        (
            "zone: local, engine: embedded, if_running: true",
            "d.if_running: engine embedded always runs; remove if_running",
        ),
        (
            "zone: Local, engine: embedded",
            "d.zone: 'Local' is no zone name; write local, cloud, or a region such as eu",
        ),
        ("zone: any, engine: litellm, model: a/b", "d.zone: 'any' is no zone name"),
        ("zone: local, engine: embedded, price: {}", "d.price: needs exactly one of tokens and machine"),
        (
            "zone: local, engine: embedded, price: {tokens: {input: 1, output: 1}, machine: {}}",
            "d.price: needs exactly one of tokens and machine",
        ),
        (
            "zone: local, engine: embedded, price: {machine: {watts: 30}}",
            "d.price.machine: watts and per_kwh count only together; give both, or per_hour",
        ),
    ],
)
def test_bad_ones(settings: str, problem: str) -> None:
    found = said(deployment(settings))
    assert [line for line in found if line.startswith(f":2: deployments.{problem}")], found


@pytest.mark.parametrize("name", ["a b", "-a", "a/b", "é", "a" * 65])
def test_names_go_into_headers_and_so_are_plain(name: str) -> None:
    (problem,) = said(deployment("zone: local, engine: embedded", name))
    assert problem.startswith(f":2: deployments.{name}: '{name}' is no name for a deployment")


def test_there_must_be_one() -> None:
    assert said("deployments: {}\nroutes: {auto: {}}\n") == [
        ":1: deployments: there is no deployment; add one",
        ":2: routes.auto: has no deployment; list at least one under small, large or embeddings",
    ]


def test_only_an_optional_one_falls_asleep_by_an_empty_variable() -> None:
    text = BASE.replace("api_key: k", 'api_key: "${K:-}"')
    assert not loaded(text).settings.deployments["large"].asleep
    assert loaded(text).settings.deployments["large"].api_key is None
    assert loaded(text.replace('"${K:-}"', '"${K:-}", optional: true')).settings.deployments["large"].asleep


def test_the_last_slash_of_an_address_does_not_matter() -> None:
    found = loaded(deployment(LOCAL + 'base_url: "http://gpu1:8000/v1/"'))
    assert found.settings.deployments["d"].base_url == "http://gpu1:8000/v1"
