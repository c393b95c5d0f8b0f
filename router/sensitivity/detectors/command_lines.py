"""Secrets of commands and small files that no keyword names: `mysql -p…`, `.pgpass`, `_auth=…`, cookies of sessions."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from router.sensitivity.anchored import Reader, ReaderDetector
from router.sensitivity.detector import Prefix, Span
from router.sensitivity.detectors.credential_values import is_key, is_password
from router.sensitivity.entropy import is_placeholder

# Clients of a database, of a registry, of a share, and the options that give them a password.
_CLIENTS = (
    r"\b(?:mysql[a-z]{0,10}|mariadb(?:-[a-z]{1,10})?|mongo[a-z]{0,8}|redis-cli|sshpass|ldap[a-z]{1,10}|smbclient|"
    r"docker login|podman login|az login|snmp[a-z]{1,8}|l?ftp)\b"
)
_CLIENT = re.compile(
    rf"{_CLIENTS}[^\n|;&]{{0,160}}?\s(?:-p ?|-a |-w |--pass(?:word)?[ =])"
    r"(?P<value>\"[^\"\n]{4,80}\"|'[^'\n]{4,80}'|[^\s\"']{5,80})"
)
_PGPASS_FIELDS = r"^[\w.*-]{1,80}:(?:5432|5433|6432|6543|\*):"
_PGPASS = re.compile(rf"{_PGPASS_FIELDS}[\w.*-]{{1,60}}:[\w.*@-]{{1,60}}:(?P<value>\S{{5,120}})$", re.MULTILINE)
# `.npmrc` and Docker's `config.json` keep user and password in base64.
_AUTH = re.compile(r"(?:_auth|\"auth)\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?(?P<value>[A-Za-z0-9+/]{8,400}={0,2})")
_COOKIES = re.compile(r"\bcookie2?\\?[\"']?: ?(?P<line>[^\n]{1,2000})", re.IGNORECASE)
_COOKIE = re.compile(r"(?:^|[\s;\"'])(?P<name>[\w.-]{1,60})=(?P<value>[^;,\s\"']{16,2000})")
_OF_SESSION = re.compile(r"sess|sid|auth|token|jwt|remember|login", re.IGNORECASE)
# RFC 7517: the private part of a key, and the whole of a shared one.
_JWK = re.compile(r"\"kty\\?\"[^{}]{0,1200}?\"(?:d|k)\\?\"\s{0,3}:\s{0,3}\\?\"(?P<value>[A-Za-z0-9_-]{20,800})")
_WITHOUT_SIGNS = str.maketrans("", "", "\"'")


def _client(text: str, match: re.Match[str]) -> Iterator[Span]:
    if is_password(match.group("value").translate(_WITHOUT_SIGNS)):
        yield Span(*match.span("value"), "PASSWORD", 0.75)


def _pgpass(text: str, match: re.Match[str]) -> Iterator[Span]:
    if is_password(match.group("value")):
        yield Span(*match.span("value"), "PASSWORD", 0.8)


def _login(text: str, match: re.Match[str]) -> Iterator[Span]:
    value = match.group("value")
    try:
        login = base64.b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return
    if ":" in login[1:-1] and login.isprintable() and not is_placeholder(login):
        yield Span(*match.span("value"), "SECRET", 0.85)


def _cookies(text: str, match: re.Match[str]) -> Iterator[Span]:
    for cookie in _COOKIE.finditer(text, *match.span("line")):
        name = cookie.group("name")
        if _OF_SESSION.search(name) is not None and "csrf" not in name.lower() and is_key(cookie.group("value")):
            yield Span(*cookie.span("value"), "SECRET", 0.75)


def _private_jwk(text: str, match: re.Match[str]) -> Iterator[Span]:
    if not is_placeholder(match.group("value")):
        yield Span(*match.span("value"), "PRIVATE_KEY", 0.85)


COMMAND_LINES = ReaderDetector(
    "command_lines",
    (
        Reader(
            r"\b(?:mysql|mariadb|mongo|redis-cli|sshpass|ldap|smbclient|docker login|podman login|az login|snmp|"
            r"l?ftp )",
            _CLIENTS,
            _CLIENT,
            _client,
            steps=8,
        ),
        Reader(Prefix(r":(?:5432|5433|6432|6543|\*):"), rf"(?m){_PGPASS_FIELDS}", _PGPASS, _pgpass),
        Reader(Prefix(r"(?:_auth|\"auth)\\?[\"']? ?[:=]"), r"_auth|\"auth", _AUTH, _login),
        Reader(Prefix(r"(?i)cookie2?\\?[\"']?:"), r"(?i)\bcookie", _COOKIES, _cookies, steps=8),
        Reader(Prefix(r"\"kty\\?\""), r"\"kty", _JWK, _private_jwk, steps=24),
    ),
)
