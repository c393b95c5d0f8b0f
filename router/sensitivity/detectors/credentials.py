"""Credentials without a telling form: what stands behind `password =`, `token:` or "my password is"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Span
from router.sensitivity.entropy import classes, entropy, is_placeholder
from router.sensitivity.patterns import compiled
from router.sensitivity.view import View

_NAMES_OF_KEYS = (
    r"api[ _-]?keys?|apikey|access[ _-]?keys?|secret[ _-]?keys?|private[ _-]?key|encryption[ _-]?key|"
    r"signing[ _-]?key|activation[ _-]key|"
    r"licen[cs]e[ _-]key|[_-]keys?|[_-]pat|secrets?|tokens?|cle api|cle d'api|cle secrete|jeton|"
    r"schlussel|clave api|clave secreta|"
    r"credentials?|nonce|salt"
)
_NAMES_OF_LOGINS = (
    r"password|passwd|pwd|passphrase|passcode|(?:\b|_)pass\b|(?:\b|_)pw\b|passwort|kennwort|mot de passe|"
    r"\bmdp|contrasena|\bclave|\bpin(?: code)?|"
    r"senha|wachtwoord|parola d'ordine"
)
_KEYWORD = compiled(rf"({_NAMES_OF_KEYS})|(?:{_NAMES_OF_LOGINS})")
# Matched where a keyword ends: a sign or a verb, then the value; or the value alone, in speech.
_ASSIGNED = re.compile(
    r"(?:[\"'`\]]{0,2}[ \t]{0,4}(?::{0,3}=|\?=|=>|==|:)[ \t]{0,4}|[\"'`]{0,2} (?:is|ist|est|es|lautet|"
    r"was|war) ?:? ?)[\"'`{]{0,2}"
    r"(?P<value>[^\s\"'`<>,;]{4,200})"
)
_SPOKEN = re.compile(
    r"(?:\s+(?:actuel|aktuelles|actual|current|old|new|provisoire))?\s+[\"'`]?(?P<value>[^\s\"'`<>,;]{6,60})"
)
_HEADER = re.compile(
    r"(?:authorization|x-api-key|x-auth-token|private-token|api-key|token)[\"']?: {0,3}[\"']?(?:(?:bearer|"
    r"basic|token|api-token|apikey|key) )?"
    r"(?P<value>[A-Za-z0-9+/=_.~-]{12,300})",
    re.IGNORECASE,
)
_USER_FLAG = re.compile(
    r"(?:-u|--user|--proxy-user)[ =]{1,3}[\"']?(?P<value>[^\s\"':<]{0,80}[\"']?:[\"']?[^\s\"']{4,120})"
)
_CODE_VALUE = re.compile(
    r"[$<{%\[(]|(?:os|process|env|config|settings|self|this|req|request|args|params|data|user|ctx|app|local|var|module|props|event|options|"
    r"form|body|response|json|str|None|null|nil|undefined|true|false|function|lambda|new|get|getenv|"
    r"input|secrets|vault|ENV)\b[.(\[]?|"
    r"[A-Za-z_]+\(|[A-Za-z_]+\.[a-zA-Z_.]+\(|\*+\Z|\.+\Z",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+(?:[-_.][A-Za-z]+)*[.!?:)]?\Z")


class CredentialDetector:
    """Judges the value: what is a variable, a call, a placeholder or a plain word is no secret."""

    name = "credentials"
    triggers = (
        r"(?i)(?:secret|token|api[ _-]?key|access[ _-]?key|[_ -]key|_pat|credential|jeton|schlussel|"
        r"cle api|clave|nonce|salt|password|passwd|pwd|passphrase|"
        r"passcode|(?:\b|_)pass\b|(?:\b|_)pw\b|passwort|kennwort|mot de passe|\bmdp|contrasena|\bpin\b|"
        r"senha|wachtwoord|authorization)",
        r"(?:-u|--user|--proxy-user)[ =]",
    )

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        if 0 in hits:
            yield from self._assigned(view)
        if 1 in hits:
            for match in _USER_FLAG.finditer(view.text):
                password = match.group("value").partition(":")[2].strip("\"'")
                if _CODE_VALUE.match(password) is None and not is_placeholder(password) and classes(password) >= 2:
                    yield Span(*match.span("value"), "SECRET", 0.75)

    def _assigned(self, view: View) -> Iterator[Span]:
        lower, position = view.lower.encode(), 0
        while (keyword := _KEYWORD.search(lower, position)) is not None:
            position = keyword.end()
            secret = keyword.start(1) >= 0
            match = _ASSIGNED.match(view.text, position)
            if match is not None:
                start, end = match.span("value")
                value = view.text[start:end].rstrip(".)]}\\:!?" if secret else ".)]}\\")
                if (_is_key if secret else _is_password)(value):
                    yield Span(start, start + len(value), "SECRET" if secret else "PASSWORD", 0.8)
                    position = end
                continue
            # "mon mot de passe Hiver749! ne marche plus": no sign in between, but the value is no word.
            match = None if secret else _SPOKEN.match(view.text, position)
            if match is not None:
                value = match.group("value")
                if classes(value) >= 3 and any(char.isdigit() for char in value) and _is_password(value):
                    yield Span(*match.span("value"), "PASSWORD", 0.7)
        if b"authorization" in lower or b"token" in lower or b"api-key" in lower:
            for match in _HEADER.finditer(view.text):
                if _is_key(match.group("value")):
                    yield Span(*match.span("value"), "SECRET", 0.85)


def _is_key(value: str) -> bool:
    """A machine's secret: long enough, more than words, spread like chance."""
    if (
        len(value) < 10
        or _CODE_VALUE.match(value) is not None
        or is_placeholder(value)
        or _WORD.match(value) is not None
    ):
        return False
    kinds = classes(value)
    has_digit = any(char.isdigit() for char in value)
    return has_digit and (kinds >= 2 or len(value) >= 24) and entropy(value) >= 2.6


def _is_password(value: str) -> bool:
    """A person's: shorter, but no plain word, no variable."""
    if len(value) < 5 or _CODE_VALUE.match(value) is not None or is_placeholder(value):
        return False
    if _WORD.match(value.rstrip("!?.")) is not None:
        return False
    return classes(value) >= 2 and entropy(value) >= 1.9


CREDENTIALS = CredentialDetector()
