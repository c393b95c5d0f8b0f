"""The snapshot: workers must run with exactly what the parent has checked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.kinds import Secret
from gateway.config.price import Price, TokenPrice
from gateway.config.settings import Key
from gateway.config.snapshot import Endpoint, Snapshot
from tests.gateway.config.harness import BASE, loaded

TEXT = (
    BASE.replace("api_key: k", "api_key: 'sécret\"', price: {tokens: {input: 0.1000000000000000055, output: 1e-7}}")
    + """
keys:
  - {name: a, key: "${K}", routes: [auto], team: t}
  - {name: b, hash: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
redis: {url: "redis://u:pass@cache.example.com/0"}
ledger: {url: "postgresql://u:pass@h/d"}
server: {metrics_key: metrics-secret, port: 0}
policy: {rules: [{types: [EMAIL], confidence: 0.3, clearance: masked}, {}]}
"""
)


def test_everything_arrives_secrets_and_decimals_included() -> None:
    sent = Snapshot(
        7, loaded(TEXT, {"K": "tg-0123456789abcdef"}), {"small": Endpoint("http://127.0.0.1:1/v1", "child")}
    )
    raw = sent.to_json()
    assert b"\n" not in raw
    got = Snapshot.from_json(raw)
    assert got == sent
    large = got.loaded.settings.deployments["large"]
    assert large.api_key is not None
    assert large.api_key.get_secret_value() == 'sécret"'
    assert large.price is not None
    assert large.price.tokens is not None
    assert str(large.price.tokens.input) == "0.1000000000000000055"
    assert got.loaded.settings.redis.url.get_secret_value() == "redis://u:pass@cache.example.com/0"
    assert got.loaded.warnings
    assert got.embedded["small"].api_key == "child"


def test_it_does_not_print_its_secrets() -> None:
    sent = Snapshot(
        7, loaded(TEXT, {"K": "tg-0123456789abcdef"}), {"small": Endpoint("http://127.0.0.1:1/v1", "child")}
    )
    for secret in ("sécret", "tg-0123", "pass@", "metrics-secret", "child"):
        assert secret not in repr(sent)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"number": 1}', b'{"number": 1, "settings": {"x": 1}}'])
def test_anything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        Snapshot.from_json(raw)


def test_an_unknown_setting_is_not_dropped_silently() -> None:
    """A worker that is started again may be of a later version than its parent."""
    raw = Snapshot(1, loaded(BASE), {}).to_json()
    assert Snapshot.from_json(raw).number == 1
    with pytest.raises(ValueError, match="this version"):
        Snapshot.from_json(raw.replace(b'"routes":', b'"new":1,"routes":', 1))


BASE_LOADED = loaded(BASE)


@settings(max_examples=60, deadline=None)
@given(
    secret=st.text(min_size=1).filter(lambda text: text.isprintable()),
    amount=st.decimals(min_value=0, max_value=1_000_000, allow_nan=False, allow_infinity=False),
)
def test_any_secret_and_any_amount_arrive(secret: str, amount: Decimal) -> None:
    whole = BASE_LOADED.settings
    price = Price(tokens=TokenPrice(input=amount, output=amount))
    large = replace(whole.deployments["large"], api_key=Secret(secret), price=price)
    deployments = {**whole.deployments, "large": large}
    changed = replace(whole, deployments=deployments, keys=(Key(name="k", key=Secret(secret)),))
    sent = Snapshot(1, replace(BASE_LOADED, settings=changed), {})
    got = Snapshot.from_json(sent.to_json())
    assert got == sent
    arrived = got.loaded.settings.deployments["large"].price
    assert arrived is not None
    assert arrived.tokens is not None
    assert str(arrived.tokens.input) == str(amount)
