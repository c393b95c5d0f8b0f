"""If these fail, somebody who is not on this machine is served without a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.anonymous import anonymous, is_from_here, is_loopback
from gateway.access.keys import Keyring
from gateway.wire.errors import Unauthenticated
from router.clearance import LOCAL

HERE = {"type": "http", "http_version": "1.1", "client": ("127.0.0.1", 50_000)}
PLAIN = {b"host": b"localhost:8080", b"user-agent": b"curl/8", b"accept": b"*/*"}


def test_who_they_are() -> None:
    somebody = anonymous(["gemma3:270m"])
    assert somebody is not None
    assert (somebody.name, somebody.team, somebody.clearance, somebody.has_key) == ("anonymous", None, LOCAL, False)
    assert somebody.may_use("gemma3:270m")
    assert not somebody.may_use("auto")
    assert anonymous([]) is None


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("127.8.9.1", 1), ("::1", 1, 0, 0), ["::ffff:127.0.0.1", 1]])
@pytest.mark.parametrize(
    "host",
    [
        b"localhost",
        b"localhost:8080",
        b"LocalHost:8080",
        b"localhost.",
        b"my.localhost:8080",
        b"127.0.0.1:8080",
        b"127.0.0.2",
        b"[::1]",
        b"[::1]:8080",
        b"[::ffff:127.0.0.1]:8080",
    ],
)
def test_a_program_on_this_machine_is_from_here(client: object, host: bytes) -> None:
    assert is_from_here({**HERE, "client": client}, {**PLAIN, b"host": host})


@pytest.mark.parametrize(
    "client",
    [
        None,
        (),
        ("192.168.1.4", 1),
        ("10.0.0.1", 1),
        ("172.17.0.1", 1),
        ("169.254.0.1", 1),
        ("203.0.113.7", 1),
        ("0.0.0.0", 1),  # noqa: S104
        ("fe80::1", 1),
        ("::ffff:10.0.0.1", 1),
        ("", 1),
        ("localhost", 1),
        ("/run/tidegate.sock", 0),
    ],
)
def test_any_other_peer_is_not(client: object) -> None:
    assert not is_from_here({**HERE, "client": client}, PLAIN)


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"evil.example",
        b"evil.example:8080",
        b"localhost.evil.example",
        b"evillocalhost",
        b"127.0.0.1.evil.example",
        b"127.0.0.1.nip.io:8080",
        b"127.1",
        b"2130706433",
        b"0x7f000001",
        b"0.0.0.0:8080",
        b"192.168.1.4:8080",
        b"[::]:8080",
        b"[fe80::1%25lo]",
        b"localhost, evil.example",
        b"localhost:8080, localhost:8080",
        b"evil.example:80@localhost",
        b"localhost:80:80",
        b"localhost:evil",
        b"[::1]evil.example",
        b"[::1",
        b"\xff",
    ],
)
def test_a_request_for_another_host_is_not(host: bytes) -> None:
    """A page that is open in a browser here can reach this address, but only under a name of its own."""
    assert not is_from_here(HERE, {**PLAIN, b"host": host})


def test_a_request_without_a_host_is_not() -> None:
    assert not is_from_here(HERE, {b"accept": b"*/*"})


def test_a_request_as_nginx_passes_it_on_by_default_is_not() -> None:
    """With its own idea of the host, and not a word about where it came from."""
    assert not is_from_here({**HERE, "http_version": "1.0"}, {**PLAIN, b"connection": b"close"})


@pytest.mark.parametrize(
    "header",
    [
        (b"origin", b"http://evil.example"),
        (b"origin", b"http://localhost:8080"),
        (b"origin", b"null"),
        (b"origin", b""),
        (b"sec-fetch-site", b"cross-site"),
        (b"sec-fetch-site", b"same-site"),
        (b"x-forwarded-for", b"127.0.0.1"),
        (b"x-forwarded-host", b"localhost"),
        (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-anything", b""),
        (b"forwarded", b"for=127.0.0.1"),
        (b"via", b"1.1 x"),
        (b"x-real-ip", b"127.0.0.1"),
        (b"cf-connecting-ip", b"203.0.113.7"),
        (b"true-client-ip", b"203.0.113.7"),
    ],
)
def test_what_a_page_sends_or_a_proxy_passes_on_is_not(header: tuple[bytes, bytes]) -> None:
    assert not is_from_here(HERE, {**PLAIN, header[0]: header[1]})


@pytest.mark.parametrize("site", [b"none", b"same-origin"])
def test_a_person_at_this_address_is(site: bytes) -> None:
    assert is_from_here(HERE, {**PLAIN, b"sec-fetch-site": site})


@given(st.dictionaries(st.binary(max_size=12), st.binary(max_size=12)), st.text(max_size=12))
def test_no_header_and_no_address_is_a_fault(headers: dict[bytes, bytes], address: str) -> None:
    assert not is_from_here({**HERE, "client": (address, 1)}, headers) or is_loopback(address)


def test_the_keyring_lets_them_in_only_where_it_is_told_to() -> None:
    assert Keyring((), ["home"]).without_key(HERE, PLAIN).name == "anonymous"
    elsewhere = {**HERE, "client": ("203.0.113.7", 1)}
    for keyring, scope in ((Keyring(()), HERE), (Keyring((), ["home"]), elsewhere)):
        with pytest.raises(Unauthenticated):
            keyring.without_key(scope, PLAIN)
