"""What the gateway leans on: a wrong address here would be found out under load."""

from __future__ import annotations

import pytest

from tests.gateway.config.harness import BASE, loaded, said


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("server: {workers: 2}", "server.workers: more than one worker needs Redis for what they share; set redis.url"),
        ('ledger: {url: "mysql://h/d"}', "ledger.url: is no address of a ledger; write sqlite:///FILE"),
        ('ledger: {url: "ledger.db"}', "ledger.url: is no address of a ledger"),
        ('ledger: {url: "postgresql:///d"}', "ledger.url: is no address of a ledger"),
        ('ledger: {url: "sqlite://"}', "ledger.url: names no file; a ledger must outlive the process"),
        ('ledger: {url: "sqlite:///:memory:"}', "ledger.url: names no file"),
        ("ledger: {spool_max_bytes: 1000}", "ledger.spool_max_bytes: must be greater than or equal to 33554432"),
        ("ledger: {when_full: wait}", "ledger.when_full: must be 'accept' or 'refuse', not 'wait'"),
        (
            "ledger: {when_full: refuse, spool_max_bytes: 67108864}\n"
            'server: {workers: 4}\nredis: {url: "redis://127.0.0.1:6379/0"}',
            "ledger.spool_max_bytes: is too small for 4 workers: each keeps a file of up to 8 MiB also while all is "
            "well; write 134217728 or more",
        ),
        ("responses: {zone: Home}", "responses.zone: is no zone name"),
        ("responses: {key: abc}", "responses.key: is shorter than 32 characters; make one: openssl rand -hex 32"),
        ("access: {secret: abc}", "access.secret: is shorter than 32 characters; make one: openssl rand -hex 32"),
        ("audit: {key: abc}", "audit.key: is shorter than 32 characters; make one: openssl rand -hex 32"),
        ("audit: {retention_days: 0}", "audit.retention_days: must be greater than or equal to 1"),
        ("audit: {enabled: false}", "audit.enabled: unknown key 'enabled'; known here: key, retention_days"),
        ("responses: {ttl: 1}", "responses.ttl: must be greater than or equal to 60"),
        ("server: {port: 70000}", "server.port: must be less than or equal to 65535, not '70000'"),
        ("server: {port: high}", "server.port: must be a whole number, not 'high'"),
        ("cache: {enabled: maybe}", "cache.enabled: must be true or false, not 'maybe'"),
        ("cache: [1]", "cache: must be a mapping of settings"),
        ("redis: {timeout: .inf}", "redis.timeout: must be a number, not '.inf'"),
        ("redis: {timeout: nan}", "redis.timeout: must be a finite number, not 'nan'"),
        ("caches: {}", "caches: unknown key 'caches'; did you mean 'cache'?"),
        ("server: {reuse_port: true}", "server.reuse_port: two gateways at one port need Redis for what they share"),
        ("x: 1", "x: unknown key 'x'; known here: deployments, routes, keys, teams, access"),
    ],
)
def test_bad_ones(settings: str, problem: str) -> None:
    (found,) = said(f"{BASE}{settings}\n")
    assert found.startswith(f":6: {problem}")


@pytest.mark.parametrize(
    "settings",
    [
        'server: {workers: 2}\nredis: {url: "redis://127.0.0.1:6379/0"}',
        'redis: {url: "rediss://u:p@redis.local:6380"}',
        'redis: {url: "unix:///run/redis.sock"}',
        'redis: {url: "redis://cache.example.com", zone: cloud}',
        "redis:\ncache:\nserver: {metrics_key: ''}",
        'ledger: {url: "postgresql://u:p@h:5432/d"}\nresponses: {enabled: false}',
        'ledger: {url: "postgresql://u:p@db.example.com/d"}\nresponses: {enabled: false, key: short}',
        "ledger: {when_full: refuse, spool_max_bytes: 33554432}",
        "ledger: {when_full: refuse, spool_max_bytes: 134217728}\n"
        'server: {workers: 4}\nredis: {url: "redis://127.0.0.1:6379/0"}',
        "responses: {zone: eu, ttl: 3600, max_bytes: 100000}",
        "audit: {retention_days: 90}",
        'server: {reuse_port: true}\nredis: {url: "redis://127.0.0.1:6379/0"}',
        "server: {reuse_port: true}\nredis: {sentinel: {service: main, nodes: [10.0.0.7]}}",
    ],
)
def test_good_ones(settings: str) -> None:
    assert loaded(f"{BASE}{settings}\n").warnings == ()


def test_a_redis_that_looks_public_is_pointed_out() -> None:
    (warning,) = loaded(f'{BASE}redis: {{url: "redis://cache.example.com"}}\n').warnings
    assert (warning.line, warning.message) == (6, "looks public, but redis.zone is local")


KEY = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("settings", "path", "message"),
    [
        ('ledger: {url: "postgresql://u:p@h/d"}', "responses", "cannot read each other's stored responses"),
        (f"responses: {{key: {KEY}}}", "responses.key", "stands here in the clear"),
        (f"audit: {{key: {KEY}}}", "audit.key", "stands here in the clear"),
        (
            'ledger: {url: "postgresql://u:p@db.example.com/d"}\nresponses: {key: "${STATE_KEY}"}',
            "responses.zone",
            "looks public, but responses.zone is local",
        ),
    ],
)
def test_what_stored_records_need_is_pointed_out(settings: str, path: str, message: str) -> None:
    (warning,) = loaded(f"{BASE}{settings}\n", {"STATE_KEY": KEY}).warnings
    assert warning.path == path
    assert message in warning.message
    assert KEY not in str(warning)


def test_replicas_that_share_a_key_are_not_warned() -> None:
    settings = 'ledger: {url: "postgresql://u:p@h/d"}\nresponses: {key: "${STATE_KEY}"}'
    assert loaded(f"{BASE}{settings}\n", {"STATE_KEY": KEY}).warnings == ()
