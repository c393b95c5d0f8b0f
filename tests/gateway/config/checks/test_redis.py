"""Redis: a configuration that cannot connect, or does not say what it seems to, is found at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.load import load
from tests.gateway.config.harness import BASE, loaded, said
from tests.harness.authority import Authority

_SENTINEL = 'sentinel: {service: main, nodes: ["10.0.0.7:26379", "10.0.0.8"]}'
_NODE = 'url: "redis://10.0.0.7:6379"'


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("{url: localhost}", "redis.url: is no address of a Redis; write it like redis://127.0.0.1:6379/0"),
        ('{url: "redis://"}', "redis.url: is no address of a Redis"),
        ('{url: "redis://["}', "redis.url: is no address of a Redis"),
        ('{url: "redis://h:port"}', "redis.url: is no address of a Redis"),
        ("{zone: Home}", "redis.zone: is no zone name"),
        (f"{{{_NODE}, {_SENTINEL}}}", "redis.sentinel: says who leads, and so does redis.url; leave redis.url out"),
        (f"{{cluster: true, {_SENTINEL}}}", "redis.sentinel: knows no Cluster"),
        ("{sentinel: {service: main, nodes: []}}", "redis.sentinel.nodes: nobody is named who could be asked"),
        ("{sentinel: {nodes: [h]}}", "redis.sentinel.service: is missing; what the sentinels call the leader"),
        ('{sentinel: {service: "", nodes: [h]}}', "redis.sentinel.service: is empty"),
        (
            '{sentinel: {service: main, nodes: ["redis://h:1"]}}',
            "redis.sentinel.nodes[0]: 'redis://h:1' is no address; write it like 10.0.0.7:26379",
        ),
        ("{cluster: true}", "redis.cluster: has no address; name one of its nodes in redis.url"),
        ('{cluster: true, url: "unix:///run/redis"}', "redis.url: of a Cluster must be one that other nodes have too"),
        ('{cluster: true, url: "redis://h/3"}', "redis.url: a Cluster has only the database 0"),
        (f"{{cluster: true, {_NODE}, database: 3}}", "redis.database: a Cluster has only the database 0"),
        (f"{{{_NODE}, nodes: [h]}}", "redis.nodes: are those of a Cluster; write cluster: true"),
        (f'{{cluster: true, {_NODE}, nodes: ["h:x"]}}', "redis.nodes[0]: 'h:x' is no address"),
        ('{url: "redis://u@h", username: u, password: "${P}"}', "redis.username: redis.url has a username too"),
        ('{url: "redis://:p@h", password: "${P}"}', "redis.password: redis.url has a password too"),
        (f"{{{_NODE}, username: u}}", "redis.username: has no password; set redis.password"),
        (f"{{{_NODE}, tls: {{}}}}", "redis.tls: redis.url is one without TLS; write rediss://"),
        ('{url: "rediss://h", tls: {key: k.pem}}', "redis.tls.key: is the key of no certificate"),
        ('{url: "rediss://h", tls: {ca: no.pem}}', "redis.tls.ca: cannot be read as certificates; name a PEM file"),
        ('{url: "rediss://h", tls: {certificate: no.pem}}', "redis.tls.certificate: cannot be read with its key"),
        ('{url: "rediss://h", tls: {any_name: true}}', "redis.tls.any_name: lets everybody pass whom a public CA has"),
    ],
)
def test_bad_ones(settings: str, problem: str) -> None:
    (found,) = said(f"{BASE}redis: {settings}\n", {"P": "secret"})
    assert found.startswith(f":6: {problem}")


@pytest.mark.parametrize(
    "settings",
    [
        '{url: "rediss://u:p@redis.local:6380"}',
        f'{{{_SENTINEL}, tls: {{}}, database: 3, username: u, password: "${{P}}"}}',
        f'{{cluster: true, {_NODE}, nodes: [h, "[::1]:7000"], password: "${{P}}"}}',
        '{cluster: true, url: "redis://redis.example.com", nodes: [n.example.com], trusted: true}',
    ],
)
def test_good_ones(settings: str) -> None:
    found = loaded(f"{BASE}redis: {settings}\nserver: {{workers: 2}}\n", {"P": "secret"})
    assert found.warnings == ()
    assert found.settings.redis.is_there


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        ('{sentinel: {service: main, nodes: ["redis.example.com"]}}', "redis.sentinel.nodes[0]: looks public"),
        (f'{{cluster: true, {_NODE}, nodes: ["8.8.8.8"]}}', "redis.nodes[0]: looks public, but redis.zone is local"),
        (f"{{{_NODE}, password: p}}", "redis.password: the password stands here in the clear"),
        ("{sentinel: {service: s, nodes: [h], password: p}}", "redis.sentinel.password: the password stands here"),
    ],
)
def test_doubtful_ones(settings: str, warning: str) -> None:
    (found,) = map(str, loaded(f"{BASE}redis: {settings}\n").warnings)
    assert warning in found


def test_files_are_found_beside_the_configuration_and_read(tmp_path: Path) -> None:
    Authority(tmp_path).issue("gateway")
    (tmp_path / "tidegate.yaml").write_text(
        f"{BASE}redis:\n  url: rediss://h\n  tls: {{ca: ca.pem, certificate: gateway.pem, key: gateway.key}}\n"
    )
    tls = load(tmp_path / "tidegate.yaml", environ={}).settings.redis.tls
    assert tls is not None
    assert tls.ca == str(tmp_path / "ca.pem")
    assert tls.certificate == str(tmp_path / "gateway.pem")
