"""Fixtures that start real servers live in tests/servers, one server a file."""

from __future__ import annotations

pytest_plugins: list[str] = [
    "tests.servers.valkey",
    "tests.servers.redis",
    "tests.servers.redis8",
    "tests.servers.cluster",
    "tests.servers.sentinel",
    "tests.servers.tls",
    "tests.servers.postgres",
    "tests.servers.prometheus",
    "tests.servers.upstream",
    "tests.servers.gateway",
    "tests.servers.link",
    "tests.servers.webhooks",
]
