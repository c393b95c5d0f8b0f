"""Seats that cannot be shared, and queues for nothing, are refused with their line."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said

AT_HOME = 'zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1", model: local-model'
TWO = BASE.replace("routes:\n", f"  other: {{{AT_HOME}}}\nroutes:\n")


def with_small(more: str) -> str:
    return TWO.replace("model: local-model}\n  large", f"model: local-model, {more}}}\n  large")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            "queue: {length: 3}",
            ".queue: nobody ever waits here: the deployment takes any number of requests; say how many",
        ),
        ("concurrent: 0", ".concurrent: must be greater than or equal to 1"),
        ("concurrent: 1, queue: {patience: 0}", ".queue.patience: must be greater than 0"),
        ("weight: 0", ".weight: must be greater than or equal to 1"),
        ("load: tgi", ".load: must be 'auto', 'none', 'llama.cpp', 'vllm' or 'ollama'"),
    ],
)
def test_bad_deployments(more: str, problem: str) -> None:
    (found,) = said(with_small(more))
    assert found.startswith(f":2: deployments.small{problem}")


def test_every_worker_needs_a_seat() -> None:
    (found,) = said(with_small("concurrent: 3") + "server: {workers: 4}\nredis: {url: 'redis://127.0.0.1'}\n")
    assert "3 cannot be shared by 4 workers; allow 4 at least, or set server.workers to 3" in found


def test_only_servers_with_an_address_can_be_asked_how_busy_they_are() -> None:
    there = 'engine: openai, base_url: "https://api.example.com/v1", model: cloud-model'
    (found,) = said(BASE.replace(there, "engine: litellm, model: a/b, load: vllm"))
    assert "engine litellm has no server to ask; remove load" in found


def test_good_ones_load_without_a_warning() -> None:
    text = with_small("concurrent: 4, queue: {length: 9, patience: 2}, weight: 3, priority: 1, load: vllm")
    route = "  auto: {small: [small, other], large: [large], balance: least-busy, affinity: true}"
    found = loaded(text.replace("  auto: {small: [small], large: [large]}", route))
    assert found.settings.deployments["small"].queue.length == 9
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("route", "more", "warning"),
    [
        ("balance: weighted", "priority: 0", "routes.auto.balance: changes nothing: no class of this route has two"),
        ("affinity: true", "priority: 0", "routes.auto.affinity: changes nothing"),
        ("prefer: auto", "weight: 2", "deployments.small.weight: weighs nothing: no route that has this deployment"),
    ],
)
def test_what_changes_nothing_is_said(route: str, more: str, warning: str) -> None:
    text = with_small(more).replace("small: [small], large: [large]", f"small: [small], large: [large], {route}")
    (found,) = loaded(text).warnings
    assert warning in str(found)
