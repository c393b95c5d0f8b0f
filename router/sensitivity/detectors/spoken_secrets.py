"""Secrets that people tell: "the wifi password of the office is …", PINs, recovery codes, secrets of second factors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.sensitivity.anchored import Reader, ReaderDetector
from router.sensitivity.detector import Span
from router.sensitivity.detectors.credential_values import is_name, is_password
from router.sensitivity.entropy import classes

_NAMES_OF_PASSWORDS = "password|passphrase|passcode|passwort|kennwort|mot de passe|contrasena|clave|senha|zugangscode"
_LOGIN_WORDS = (
    "log(?:ged)? ?in (?:with|as|using)|sign in with|logins? (?:is|are)|logins?:|credentials?|creds|zugangsdaten|"
    "anmeldedaten|einloggen mit|identifiants?|connecte[rz]? avec|credenciales|datos de acceso|entrar? con"
)
_PIN_WORDS = "pin|code pin|geheimzahl|code secret|codigo secreto"
_CODE_WORDS = (
    "recovery|backup|rescue|scratch|one-time|2fa|mfa|emergency|codes? de (?:secours|recuperation)|"
    "codigos? de (?:recuperacion|respaldo)|wiederherstellungs|ersatz|notfall"
)
_FACTOR_WORDS = "2fa|mfa|totp|otp|authenticator|second factor|two-factor"
_VALUE = r"[\"'`]?(?P<value>[^\s\"'`<>,;]{6,80})"
# A few words between what it is and what it says.
_TOLD = re.compile(
    rf"(?:{_NAMES_OF_PASSWORDS})s?(?: [a-z0-9'-]{{1,16}}){{0,6}}?,? ?"
    r"(?:\b(?:is|was|to|will be|est|sera|ist|lautet|war|es|era|auf|par|a)|c'est|:|=)"
    rf"(?: now| set to| jetzt| maintenant| ahora)?:? {_VALUE}",
    re.IGNORECASE,
)
# A user and a password side by side, behind a word that says so.
_PAIR = re.compile(
    rf"(?:{_LOGIN_WORDS})[a-z :'()-]{{0,40}}?[ \n\"'(][\w.@+-]{{2,60}} ?(?:/|:|\||,| and | und | et | y ) ?{_VALUE}",
    re.IGNORECASE,
)
_NO_PASSWORD = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}-\d\d-\d\d|//")  # an id, a date, an address
_PIN = re.compile(
    rf"(?:{_PIN_WORDS})\b(?: [a-z'-]{{1,14}}){{0,5}}?(?: is| est| ist| lautet| es|:|=) ?(?P<value>\d{{4,8}})\b",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"\b(?:my|our|her|his|card|account|bank|phone|sim|alarm|door|safe|debit|visa|mon|ma|notre|carte|compte|telephone|"
    r"mein|meine|meiner|unser|karte|konto|handy|tur|mi|tarjeta|cuenta|movil|alarma)\b"
)
_CODE = r"[a-z0-9]{4,6}-[a-z0-9]{4,6}(?:-[a-z0-9]{4,6})?|\d{4} \d{4}|[a-z0-9]{8,12}"
_CODES = re.compile(
    rf"(?:{_CODE_WORDS})[ -]?(?:codes?)?\b[^\n]{{0,40}}\n?(?P<value>(?:[\s,;*\d.)-]{{0,6}}\b(?:{_CODE})\b){{3,20}})",
    re.IGNORECASE,
)
_FACTOR = re.compile(
    r"otpauth://[a-z]{3,6}/[^\s\"'<>]{0,200}?secret=(?P<address>[a-z2-7]{16,128})|"
    rf"(?:{_FACTOR_WORDS})\b[^\n]{{0,40}}?\b(?:secret|seed|key|code|setup)\b[^\n]{{0,12}}?[:= ] ?"
    r"(?P<value>(?:[a-z2-7]{4}[ -]){3,15}[a-z2-7]{4}|[a-z2-7]{16,64})\b",
    re.IGNORECASE,
)
_MIXED = 3  # kinds of characters in a password that stands without quotes
_CODE_DIGITS = 3
_AROUND = 40  # characters around a PIN in which something says whose it is


def _password(text: str, match: re.Match[str]) -> Iterator[Span]:
    start = match.start("value")
    value = match.group("value").rstrip(".)]}!?:")
    quoted = text[start - 1] in "\"'`"
    digit = any(map(str.isdigit, value))
    if not digit or _NO_PASSWORD.search(value) is not None or not is_password(value) or is_name(value):
        return
    if classes(value) >= _MIXED or quoted:
        yield Span(start, start + len(value), "PASSWORD", 0.7)


def _pin(text: str, match: re.Match[str]) -> Iterator[Span]:
    if _OWNED.search(text[max(0, match.start() - _AROUND) : match.end() + _AROUND].lower()) is not None:
        yield Span(*match.span("value"), "PASSWORD", 0.7)


def _codes(text: str, match: re.Match[str]) -> Iterator[Span]:
    if sum(map(str.isdigit, match.group("value"))) >= _CODE_DIGITS:
        yield Span(*match.span("value"), "SECRET", 0.75)


def _factor(text: str, match: re.Match[str]) -> Iterator[Span]:
    group = "address" if match.group("address") is not None else "value"
    if group == "address" or any(map(str.isdigit, match.group(group))):
        yield Span(*match.span(group), "SECRET", 0.8)


def _words(words: str) -> str:
    return rf"(?i)\b(?:{words})"


SPOKEN_SECRETS = ReaderDetector(
    "spoken_secrets",
    (
        Reader(rf"(?i)\b(?:{_NAMES_OF_PASSWORDS})", _words(_NAMES_OF_PASSWORDS), _TOLD, _password, steps=8),
        Reader(rf"(?i)\b(?:{_LOGIN_WORDS})", _words(_LOGIN_WORDS), _PAIR, _password, steps=16),
        Reader(rf"(?i)\b(?:{_PIN_WORDS})\b", _words(_PIN_WORDS), _PIN, _pin),
        Reader(rf"(?i)\b(?:{_CODE_WORDS})[ -]?co", _words(_CODE_WORDS), _CODES, _codes, steps=48),
        Reader(
            rf"(?i)\b(?:{_FACTOR_WORDS})\b|otpauth:", _words(rf"otpauth:|{_FACTOR_WORDS}"), _FACTOR, _factor, steps=24
        ),
    ),
)
