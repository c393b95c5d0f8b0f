"""What counts as home: a user whose sensitive data must stay loses it to any public address let through here."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.home import is_home


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.7.7",
        "::1",
        "[::1]",
        "fd12:3456::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "gpu1",
        "gpu_1",
        "ollama.local",
        "ollama.internal",
        "host.docker.internal",
        "nas.lan",
        "vllm.models.svc",
        "vllm.models.svc.cluster.local",
        "nas.home.arpa",
        "app.localhost",
        "ollama.local.",
    ],
)
def test_at_home(host: str) -> None:
    assert is_home(host)


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8",
        "172.32.0.1",
        "172.15.0.1",
        "100.64.0.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "api.openai.com",
        "local.example.com",
        "notlocal.evil.com",
        "x.locals",
        "134744072",  # 8.8.8.8 as one number
        "0x08080808",
        "8.8.2056",
        "010.0.0.1",  # octal to some: 8.0.0.1
        "127.1",
        "a..local",
        ".local",
        "",
        "b\u00fccher.local",
        "a b.local",
    ],
)
def test_not_at_home(host: str) -> None:
    assert not is_home(host)


@given(st.ip_addresses(v=4))
def test_an_address_that_the_internet_routes_is_never_home(address: ipaddress.IPv4Address) -> None:
    if address.is_global:
        assert not is_home(str(address))
        assert not is_home(f"::ffff:{address}")


@given(st.ip_addresses(v=6))
def test_a_v6_address_that_the_internet_routes_is_never_home(address: ipaddress.IPv6Address) -> None:
    if address.is_global and address.ipv4_mapped is None:
        assert not is_home(str(address))
