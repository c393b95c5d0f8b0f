"""What is kept must have a use, and be where it may be: said at the start, not after a month of nothing learned."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said

DATABASE = 'ledger: {{url: "postgresql://u:p@{}/d"}}\nresponses: {{enabled: false}}'
KEY = "0123456789abcdef" * 2
ON = "  on: {small: [small], large: [large], learning: {enabled: true}}\n"
AT_HOME = "  x: {small: [small], large: [large], locality: local, learning: {enabled: true}}\n"
CAPTURING = "  on: {small: [small], large: [large], learning: {enabled: true, capture: true}}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("  x: {small: [small], learning: {enabled: true}}", ":6: routes.x.learning: there is nothing to learn"),
        ("  x: {large: [large], learning: {enabled: true}}", ":6: routes.x.learning: there is nothing to learn"),
        (
            "  x: {small: [small], large: [large], learning: {capture: true}}",
            ":6: routes.x.learning.capture: captures nothing, for learning is off; add enabled: true",
        ),
        (
            "  x: {small: [small], large: [large], learning: {enabled: true, share: 0}}",
            ":6: routes.x.learning.share: must be greater than 0",
        ),
        (
            "  x: {small: [small], large: [large], learning: {enable: true}}",
            ":6: routes.x.learning.enable: unknown key 'enable'; did you mean 'enabled'?",
        ),
        (
            f"{AT_HOME}learning: {{zone: cloud}}",
            ":6: routes.x.learning: nothing asked of it may be kept in zone cloud; set learning.zone",
        ),
        ("learning: {zone: Home}", ":6: learning.zone: is no zone name; write local, cloud"),
        ("learning: {key: abc}", ":6: learning.key: is shorter than 32 characters; make one: openssl rand -hex 32"),
        ("learning: {keep_days: 0}", ":6: learning.keep_days: must be greater than or equal to 1"),
        ("learning: {enabled: true}", ":6: learning.enabled: unknown key 'enabled'; known here: zone, key"),
    ],
)
def test_bad_ones(text: str, problem: str) -> None:
    (found,) = said(f"{BASE}{text}\n")
    assert found.startswith(problem)


@pytest.mark.parametrize(
    "text",
    [
        ON,
        CAPTURING,
        f"{ON}{DATABASE.format('db')}",
        f"{ON}{DATABASE.format('db.example.com')}\nlearning: {{zone: cloud}}",
        DATABASE.format("db.example.com"),
        f'{CAPTURING}learning: {{key: "${{LEARNING_KEY}}"}}',
    ],
)
def test_good_ones(text: str) -> None:
    assert loaded(f"{BASE}{text}\n", {"LEARNING_KEY": KEY}).warnings == ()


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        (f"learning: {{key: {KEY}}}", "learning.key", "stands here in the clear"),
        (
            f"{CAPTURING}{DATABASE.format('db')}",
            "learning",
            "cannot read each other's captured text",
        ),
        (
            f"{ON}{DATABASE.format('db.example.com')}",
            "learning.zone",
            "looks public, but learning.zone is local",
        ),
    ],
)
def test_doubtful_ones_are_warned_of(text: str, where: str, message: str) -> None:
    (warning,) = loaded(f"{BASE}{text}\n").warnings
    assert warning.path == where
    assert message in warning.message
