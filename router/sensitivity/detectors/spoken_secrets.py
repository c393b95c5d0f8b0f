"""Secrets that people tell: "the wifi password of the office is …", PINs, recovery codes, secrets of second factors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from router.sensitivity.detector import Span
from router.sensitivity.detectors.credential_values import is_name, is_password
from router.sensitivity.entropy import classes
from router.sensitivity.view import View

_STEPS = 8  # of the budget
_VALUE = r"[\"'`]?(?P<value>[^\s\"'`<>,;]{6,80})"
# A few words between what it is and what it says.
_TOLD = re.compile(
    r"\b(?:password|passphrase|passcode|passwort|kennwort|mot de passe|contrasena|clave|senha|zugangscode)s?"
    r"(?: [a-z0-9'-]{1,16}){0,6}?,? ?(?:\bis|\bwas|\bto|\bwill be|\best|c'est|\bsera|\bist|\blautet|\bwar|\bes|\bera|"
    r"\bauf|"
    r"\bpar|\ba|:|=)(?: now| set to| jetzt| maintenant| ahora)?:? " + _VALUE,
    re.IGNORECASE,
)
# A user and a password side by side, behind a word that says so.
_PAIR = re.compile(
    r"\b(?:log(?:ged)? ?in (?:with|as|using)|sign in with|logins? (?:is|are)|logins?:|credentials?|creds|zugangsdaten|"
    r"anmeldedaten|einloggen mit|identifiants?|connecte[rz]? avec|credenciales|datos de acceso|entra(?:r)? con)\b"
    r"[a-z :'()-]{0,40}?[ \n\"'(][\w.@+-]{2,60} ?(?:/|:|\||,| and | und | et | y ) ?" + _VALUE,
    re.IGNORECASE,
)
_NO_PASSWORD = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}-\d\d-\d\d|//")  # an id, a date, an address
_PIN = re.compile(
    r"\b(?:pin|code pin|geheimzahl|code secret|codigo secreto)\b(?: [a-z'-]{1,14}){0,5}?(?: is| est| ist| lautet| es|"
    r":|=) ?"
    r"(?P<value>\d{4,8})\b",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"\b(?:my|our|her|his|card|account|bank|phone|sim|alarm|door|safe|debit|visa|mon|ma|notre|carte|compte|telephone|"
    r"mein|meine|meiner|unser|karte|konto|handy|tur|mi|tarjeta|cuenta|movil|alarma)\b"
)
_CODES = re.compile(
    r"\b(?:recovery|backup|rescue|scratch|one-time|2fa|mfa|emergency|secours|recuperation|recuperacion|respaldo|"
    r"wiederherstellungs|backup-|ersatz|notfall)[ -]?(?:codes?|code de|codigos?)?\b[^\n]{0,40}\n?"
    r"(?P<value>(?:[\s,;*\d.)-]{0,6}\b(?:[a-z0-9]{4,6}-[a-z0-9]{4,6}(?:-[a-z0-9]{4,6})?|\d{4} \d{4}|"
    r"[a-z0-9]{8,12})\b){3,20})",
    re.IGNORECASE,
)
_FACTOR = re.compile(
    r"otpauth://[a-z]{3,6}/[^\s\"'<>]{0,200}?secret=(?P<address>[a-z2-7]{16,128})|"
    r"\b(?:2fa|mfa|totp|otp|authenticator|second factor|two-factor)\b[^\n]{0,40}?\b(?:secret|seed|key|code|"
    r"setup)\b[^\n]{0,12}?"
    r"[:= ] ?(?P<value>(?:[a-z2-7]{4}[ -]){3,15}[a-z2-7]{4}|[a-z2-7]{16,64})\b",
    re.IGNORECASE,
)
_MIXED = 3  # kinds of characters in a password that stands without quotes
_CODE_DIGITS = 3
_AROUND = 40  # characters around a PIN in which something says whose it is


def _passwords(text: str, pattern: re.Pattern[str]) -> Iterator[Span]:
    for match in pattern.finditer(text):
        value = match.group("value").rstrip(".)]}!?:")
        quoted = text[match.start("value") - 1] in "\"'`"
        digit = any(char.isdigit() for char in value)
        if (
            _NO_PASSWORD.search(value) is None
            and is_password(value)
            and digit
            and (classes(value) >= _MIXED or quoted)
            and not is_name(value)
        ):
            yield Span(match.start("value"), match.start("value") + len(value), "PASSWORD", 0.7)


def _told(text: str) -> Iterator[Span]:
    return _passwords(text, _TOLD)


def _pairs(text: str) -> Iterator[Span]:
    return _passwords(text, _PAIR)


def _pins(text: str) -> Iterator[Span]:
    lower = text.lower()
    for match in _PIN.finditer(text):
        if _OWNED.search(lower, max(0, match.start() - _AROUND), match.end() + _AROUND) is not None:
            yield Span(*match.span("value"), "PASSWORD", 0.7)


def _codes(text: str) -> Iterator[Span]:
    for match in _CODES.finditer(text):
        if sum(char.isdigit() for char in match.group("value")) >= _CODE_DIGITS:
            yield Span(*match.span("value"), "SECRET", 0.75)


def _factors(text: str) -> Iterator[Span]:
    for match in _FACTOR.finditer(text):
        group = "address" if match.group("address") is not None else "value"
        value = match.group(group)
        if group == "address" or any(char.isdigit() for char in value):
            yield Span(*match.span(group), "SECRET", 0.8)


_READERS: tuple[tuple[str, Callable[[str], Iterator[Span]]], ...] = (
    (
        r"(?i)\b(?:password|passphrase|passcode|passwort|kennwort|mot de passe|contrasena|clave|senha|"
        r"zugangscode)s? ?[a-z,]",
        _told,
    ),
    (
        r"(?i)\b(?:log(?:ged)? ?in (?:with|as|using)|sign in with|logins? (?:is|are)|logins?:|credentials?|creds|"
        r"zugangsdaten|anmeldedaten|"
        r"einloggen mit|identifiants?|connecte[rz]? avec|credenciales|datos de acceso|entrar? con)\b",
        _pairs,
    ),
    (r"(?i)\b(?:pin|geheimzahl|code secret|codigo secreto)\b", _pins),
    (
        r"(?i)(?:recovery|backup|rescue|scratch|emergency|secours|wiederherstellungs|respaldo|recuperacion|2fa)[ -]?co",
        _codes,
    ),
    (r"(?i)otpauth:|\b(?:2fa|mfa|totp|otp|authenticator|second factor|two-factor)\b", _factors),
)


class SpokenSecretDetector:
    name = "spoken_secrets"
    triggers = tuple(trigger for trigger, _ in _READERS)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        for hit in hits:
            view.budget.spend_pass(len(view.text))
            for span in _READERS[hit][1](view.text):
                view.budget.spend(_STEPS)
                yield span


SPOKEN_SECRETS = SpokenSecretDetector()
