"""A cache that could not do what is asked of it is refused at the start, with its line."""

from __future__ import annotations

import pytest

from gateway.config.cacheplans import cache_plans_of
from tests.gateway.config.harness import BASE, loaded, said

KEY = "a-secret-for-the-cache-of-32-characters"
ENVIRONMENT = {"CACHE_KEY": KEY, "OLD_KEY": KEY + "s"}


def problems(cache: str, route: str = "{}") -> list[str]:
    text = BASE.replace("large: [large]", f"large: [large], cache: {route}")
    return said(f"{text}cache: {cache}\n", ENVIRONMENT)


@pytest.mark.parametrize(
    ("cache", "route", "message"),
    [
        ("{sensitive: encrypted}", "{}", "cache.sensitive: there is no key to encrypt with"),
        ("{enabled: true}", "{sensitive: encrypted}", "routes.auto.cache.sensitive: there is no key to encrypt with"),
        ("{sensitive: encrypted, scope: team, key: '${CACHE_KEY}'}", "{}", "never shared, and the scope is team"),
        ("{key: '${CACHE_KEY}'}", "{scope: global, sensitive: encrypted}", "never shared, and the scope is global"),
        ("{scope: team, key: '${CACHE_KEY}'}", "{sensitive: encrypted}", "never shared, and the scope is team"),
        ("{key: short}", "{}", "cache.key: is shorter than 32 characters"),
        ("{key: '${CACHE_KEY}', former_keys: [short]}", "{}", "cache.former_keys[0]: is shorter than 32 characters"),
        ("{former_keys: ['${OLD_KEY}']}", "{}", "cache.former_keys: come before a `key`"),
        ("{sensitive: plain}", "{}", "cache.sensitive"),
        ("{ttl: 0}", "{}", "cache.ttl"),
        ("{stale: -1}", "{}", "cache.stale"),
        ("{}", "{ttl: 0}", "routes.auto.cache.ttl"),
        ("{}", "{max_entry_bytes: 5000}", "max_entry_bytes"),
    ],
)
def test_refused_with_its_line(cache: str, route: str, message: str) -> None:
    found = problems(cache, route)
    assert len(found) == 1, found
    assert message in found[0]
    assert found[0].startswith(":")  # the line


def test_a_key_in_the_clear_is_warned_of() -> None:
    text = f"{BASE}cache: {{enabled: true, sensitive: encrypted, key: {KEY}}}\n"
    assert ["in the clear" in str(warning) for warning in loaded(text).warnings] == [True]


def test_a_shared_route_keeps_nothing_sensitive_though_the_file_says_encrypted() -> None:
    text = BASE.replace("large: [large]}", "large: [large], cache: {scope: team}}\n  own: {small: [small]}")
    text += "cache: {enabled: true, sensitive: encrypted, key: '${CACHE_KEY}', former_keys: ['${OLD_KEY}']}\n"
    plans = cache_plans_of(loaded(text, ENVIRONMENT).settings)
    assert {name: plan.sensitive for name, plan in plans.items()} == {"auto": "never", "own": "encrypted"}
