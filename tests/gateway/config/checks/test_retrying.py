"""A hedge that could never be made, and a look at nothing, are refused at the start, with their line."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, deployment, said

ROUTE = "  auto: {small: [small], large: [large]}"
AT_HOME = 'zone: local, engine: openai, base_url: "http://127.0.0.1:1/v1"'


def of_route(route: str) -> list[str]:
    return said(BASE.replace(ROUTE, f"  auto: {{{route}}}"))


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ("small: [small], hedge: {after: p95}", "nobody to be asked besides"),
        ("small: [small], large: [large], hedge: {after: 1}, retries: {budget: 0}", "allows no call more"),
        ("small: [small], large: [large], hedge: {after: p99}", "after"),
        ("small: [small], retries: {first_wait: 3}", "more than the longest wait, 2 s"),
    ],
)
def test_a_route_that_contradicts_itself_is_refused_with_its_line(route: str, message: str) -> None:
    problems = of_route(route)
    assert problems, "nothing was found"
    assert all(problem.startswith(":5:") for problem in problems)
    assert message in problems[0]


def test_what_can_work_loads() -> None:
    assert of_route("small: [small], large: [large], hedge: {after: p95}, retries: {first_wait: 0}") == []
    assert of_route("small: [small], large: [large], hedge: {after: off}, retries: {budget: 0}") == []


@pytest.mark.parametrize("path", ["health", "/he alth", "/h\\r\\nx: y"])
def test_what_is_no_path_is_not_asked_for(path: str) -> None:
    problems = said(deployment(f'{AT_HOME}, health: {{path: "{path}"}}'))
    assert len(problems) == 1
    assert "write it like /health" in problems[0]


def test_a_look_at_a_path_of_the_server_loads() -> None:
    assert said(deployment(f"{AT_HOME}, health: {{every: 5, path: /health}}")) == []


def test_of_a_provider_behind_litellm_nothing_can_be_asked_for_free() -> None:
    provider = "zone: cloud, engine: litellm, model: anthropic/claude-sonnet-5-5, api_key: k"
    problems = said(deployment(f"{provider}, health: {{every: 5}}"))
    assert len(problems) == 1
    assert "nothing that can be asked for free" in problems[0]
    assert said(deployment(f"{provider}, health: {{every: 0}}")) == []
