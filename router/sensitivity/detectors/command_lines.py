"""Secrets of commands and small files that no keyword names: `mysql -p…`, `.pgpass`, `_auth=…`, cookies of sessions."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence

from router.sensitivity.detector import Span
from router.sensitivity.detectors.credential_values import is_key, is_password
from router.sensitivity.entropy import is_placeholder
from router.sensitivity.view import View

_STEPS = 8  # of the budget
_LOGIN_FROM = 8  # characters of base64
# The password of a client of a database, of a registry, of a share.
_CLIENT = re.compile(
    r"\b(?:mysql[a-z]*|mariadb(?:-[a-z]+)?|mongo[a-z]*|redis-cli|sshpass|ldap[a-z]+|smbclient|docker login|"
    r"podman login|"
    r"az login|snmp[a-z]+|ftp|lftp)\b[^\n|;&]{0,160}?\s(?:-p ?|-a |-w |--pass(?:word)?[ =])"
    r"(?P<value>\"[^\"\n]{4,80}\"|'[^'\n]{4,80}'|[^\s\"']{5,80})"
)
_PGPASS = re.compile(r"^[\w.*-]{1,80}:(?:\d{2,5}|\*):[\w.*-]{1,60}:[\w.*@-]{1,60}:(?P<value>\S{5,120})$", re.MULTILINE)
# `.npmrc` and Docker's `config.json` keep user and password in base64.
_AUTH = re.compile(r"(?:_auth|\"auth\")\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?(?P<value>[A-Za-z0-9+/]{8,400}={0,2})")
_COOKIES = re.compile(r"\b(?:set-)?cookie2?\\?[\"']?: ?(?P<line>[^\n]{1,2000})", re.IGNORECASE)
_COOKIE = re.compile(
    r"(?:^|[\s;\"'])(?P<name>[\w.-]{0,40}(?:sess|sid|auth|token|jwt|remember|"
    r"login)[\w.-]{0,40})=(?P<value>[^;,\s\"']{16,2000})",
    re.IGNORECASE,
)
# RFC 7517: the private part of a key, and the whole of a shared one.
_JWK = re.compile(r"\"kty\\?\"[^{}]{0,1200}?\"(?:d|k)\\?\"\s{0,3}:\s{0,3}\\?\"(?P<value>[A-Za-z0-9_-]{20,800})")
_WITHOUT_SIGNS = str.maketrans("", "", "\"'")


def _clients(text: str) -> Iterator[Span]:
    for match in _CLIENT.finditer(text):
        if is_password(match.group("value").translate(_WITHOUT_SIGNS)):
            yield Span(*match.span("value"), "PASSWORD", 0.75)


def _pgpass(text: str) -> Iterator[Span]:
    for match in _PGPASS.finditer(text):
        if is_password(match.group("value")):
            yield Span(*match.span("value"), "PASSWORD", 0.8)


def _logins(text: str) -> Iterator[Span]:
    for match in _AUTH.finditer(text):
        value = match.group("value")
        try:
            login = base64.b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if ":" in login[1:-1] and login.isprintable() and not is_placeholder(login):
            yield Span(*match.span("value"), "SECRET", 0.85)


def _cookies(text: str) -> Iterator[Span]:
    for line in _COOKIES.finditer(text):
        for match in _COOKIE.finditer(line.group("line")):
            value = match.group("value")
            if is_key(value) and "csrf" not in match.group("name").lower():
                start = line.start("line") + match.start("value")
                yield Span(start, start + len(value), "SECRET", 0.75)


def _private_jwk(text: str) -> Iterator[Span]:
    for match in _JWK.finditer(text):
        if not is_placeholder(match.group("value")):
            yield Span(*match.span("value"), "PRIVATE_KEY", 0.85)


_READERS: tuple[tuple[str, Callable[[str], Iterator[Span]]], ...] = (
    (
        r"\b(?:mysql|mariadb|mongo|redis-cli|sshpass|ldap|smbclient|docker login|podman login|az login|snmp|l?ftp )",
        _clients,
    ),
    (r":(?:5432|5433|6432|6543|\*):", _pgpass),
    (r"(?:_auth|\"auth)\\?[\"']? ?[:=]", _logins),
    (r"(?i)\bcookie2?\\?[\"']?:", _cookies),
    (r"\"kty\\?\"", _private_jwk),
)


class CommandLineDetector:
    name = "command_lines"
    triggers = tuple(trigger for trigger, _ in _READERS)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        for hit in hits:
            view.budget.spend_pass(len(view.text))
            for span in _READERS[hit][1](view.text):
                view.budget.spend(_STEPS)
                yield span


COMMAND_LINES = CommandLineDetector()
