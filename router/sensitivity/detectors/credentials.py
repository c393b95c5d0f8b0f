"""Credentials without a telling form: what stands behind `password =`, `--token` or "my password is"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Span
from router.sensitivity.detectors.credential_values import is_key, is_login, is_password, one_piece
from router.sensitivity.detectors.identifiers import names_an_identifier
from router.sensitivity.entropy import classes
from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

_NAMES_OF_KEYS = (
    r"api[ _-]?keys?|apikey|access[ _-]?keys?|access[ _-]?id|secret[ _-]?keys?|private[ _-]?key|encryption[ _-]?key|"
    r"signing[ _-]?key|activation[ _-]key|aes[ _-]?key|master[ _-]?key|bearer|"
    r"licen[cs]e[ _-]key|[_-]keys?|[_-]pat|secrets?|tokens?|cle api|cle d'api|cle secrete|jeton|"
    r"schlussel|clave api|clave secreta|"
    r"credentials?|nonce|salt"
)
_NAMES_OF_LOGINS = (
    r"password|passwd|pwd(?:\b|_|\d)|passphrase|passcode|securestring|identified(?: with [a-z0-9_]{1,40})? by|"
    r"(?:\b|_)pass\b|(?:^|[\s\"'({_.,/-])pw\b|passwort|kennwort|mot de passe|"
    r"\bmdp|contrasena|\bclave|\bpin(?: code)?\b|"
    r"senha|wachtwoord|parola d'ordine"
)
_KEYWORD_STEPS = 8  # of the budget
_KEYWORD = Pattern(rf"({_NAMES_OF_KEYS})|(?:{_NAMES_OF_LOGINS})")
_VALUE = r"(?P<value>[^\s\"'`<>,;]{4,200})"
# Matched where a keyword ends: the rest of the variable's name, then what a language writes between name and value.
_ASSIGNED = re.compile(
    r"[\w.-]{0,24}(?:\\?[\"'`\])]{0,2}[ \t]{0,8}(?:: ?(?:str|string|String|&str|const char ?\*) ?=|"
    r":{0,3}=>?|\?=|=>|==|->|:)[ \t]{0,8}|[\"'`]{0,2} (?:is|ist|est|es|lautet|was|war) ?:? ?|</?[a-z]{0,12}>|>|"
    r"[\"']? (?:value|content)=)(?:@|[brfuL](?=[\"']))?\\?[\"'`{(]{0,3}" + _VALUE
)
# An argument: `setopt(c, PASSWORD, "…")`, `PASSWORD('…')`, `BY '…'`. The value stands in quotes.
_ARGUMENT = re.compile(
    r"[\w.-]{0,24}[\"'`\])]{0,2}[ \t]{0,2}[,(]?[ \t]{0,2}\\?[\"'](?P<value>[^\s\"'`<>;]{6,200})\\?[\"']"
)
# Nothing in between but a space: `--token …`, `IDENTIFIED BY …`, "mon mot de passe Hiver…".
_SPOKEN = re.compile(
    r"(?:[\w-]{0,12}(?: (?:actuel|aktuelles|actual|current|old|new|provisoire|-[a-z]{2,12})){0,2})[ \t]{1,4}[\"'`(]?"
    r"(?P<value>[^\s\"'`<>,;]{6,200})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?:authorization|x-api-key|x-auth-token|private-token|api-key|token)[\"']?: {0,3}[\"']?(?:(?:bearer|"
    r"(?P<basic>basic)|token|api-token|apikey|key) )?"
    r"(?P<value>[A-Za-z0-9+/=_.~-]{10,300})",
    re.IGNORECASE,
)
_HEADER_NAME = Pattern(r"(?:authorization|x-api-key|x-auth-token|private-token|api-key|token)[\"']?:")
_AFTER_SPOKEN = " \ts0123456789"  # `password_reset …` is no password
_USER_FLAG = re.compile(
    r"(?:-u|--user|--proxy-user)[ =]{1,3}[\"']?(?P<value>[^\s\"':<]{0,80}[\"']?:[\"']?[^\s\"']{0,120})"
)
# Bundler's setting for a private source: BUNDLE_<HOST>=user:password.
_BUNDLE = re.compile(r"BUNDLE_[A-Z0-9_]{4,60}[\"']?[ ]?[=:][ ]?[\"']?(?P<value>[^\s\"':;&$]{3,60}:[^\s\"';&$]{3,80})")
_USERNAME = re.compile(
    r"\b(?:user(?: ?name|[_-]name)?|login|account|benutzer(?:name)?|identifiant|utilisateur|usuario|anmeldename)"
    r"[\"'`]?(?: is| ist| est| es)?[ \t]{0,3}[:=]?[ \t]{0,3}[\"'`]?(?P<value>[A-Za-z0-9][A-Za-z0-9._@+-]{2,60})",
    re.IGNORECASE,
)
_NAME_REACH = 24  # characters before a keyword in which its name may begin
_NEAR = 120  # characters between a password and the user name that goes with it
_NO_USERNAME = frozenset(
    ("name", "and", "with", "for", "the", "und", "mit", "avec", "con", "password", "passwort", "passwd", "pass", "root")
)
# A key as an array of bytes, the way C writes it.
_BYTES = re.compile(
    r"[\w.\[\]]{0,24}[ \t]{0,4}[:=]?[ \t]{0,4}[{\[(](?P<value>(?:[ \t\n\\]{0,8}0[xX]?[0-9A-Fa-f]{2,3},){8,})"
)
_FORM_TOKEN = re.compile(r"(?:authenticity|csrf|xsrf|verification|csrfmiddleware|sitekey)[ _-]?(?:token)?\Z")


class CredentialDetector:
    """Judges the value: what is a variable, a call, a placeholder or a plain word is no secret."""

    name = "credentials"
    triggers = (
        r"(?i)(?:secret|token|api[ _-]?key|access[ _-]?key|access[ _-]?id|[_ -]key|_pat|credential|jeton|schlussel|"
        r"cle api|clave|nonce|salt|password|passwd|pwd|passphrase|aes_?key|bearer|securestring|identified by|"
        r"passcode|(?:\b|_)pass\b|(?:\b|_)pw\b|passwort|kennwort|mot de passe|\bmdp|contrasena|\bpin\b|"
        r"senha|wachtwoord|authorization)",
        r"(?:-u|--user|--proxy-user)[ =]|BUNDLE_[A-Z0-9]",
    )

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        if 0 in hits:
            yield from self._assigned(view)
        if 1 in hits:
            yield from _logins(view)

    def _assigned(self, view: View) -> Iterator[Span]:
        text, lower_text = view.text, view.lower
        lower = lower_text.encode()
        position, size = 0, len(lower)
        while (keyword := _KEYWORD.search(lower, position, size)) is not None:
            begin, position, of_key, _ = keyword
            view.budget.spend(_KEYWORD_STEPS)
            span = self._behind(text, begin, position, of_key >= 0)
            if span is not None:
                yield span
                position = span.end
                if span.type == "PASSWORD":
                    yield from _username(text, begin, span.end)
        yield from self._headers(view, lower)

    def _headers(self, view: View, lower: bytes) -> Iterator[Span]:
        """What stands behind the name of a header field."""
        position, size = 0, len(lower)
        while (name := _HEADER_NAME.search(lower, position, size)) is not None:
            view.budget.spend()
            position = name[0] + 1
            match = _HEADER.match(view.text, name[0])
            if match is None:
                continue
            view.budget.spend(_KEYWORD_STEPS)
            position = match.end()
            value = match.group("value")
            if names_an_identifier(view.lower[max(0, match.start() - _NAME_REACH) : match.start("value")]):
                continue
            if is_login(value) if match.group("basic") else is_key(value):
                yield Span(*match.span("value"), "SECRET", 0.85)

    def _behind(self, text: str, begin: int, end: int, secret: bool) -> Span | None:
        """The secret that follows a keyword, if it is one."""
        kind = "SECRET" if secret else "PASSWORD"
        match = _ASSIGNED.match(text, end)
        if match is not None:
            start, stop = match.span("value")
            value = text[start:stop].rstrip(".)]}\\:!?" if secret else ".)]}\\")
            if secret and (
                _FORM_TOKEN.search(text[max(0, begin - 14) : end].lower()) is not None
                or names_an_identifier(text[max(0, begin - _NAME_REACH) : start].lower())
            ):
                return None
            good = (is_key if secret else is_password)(value)
            return Span(start, start + len(value), kind, 0.8) if good else None
        match = _BYTES.match(text, end) if secret else None
        if match is not None:
            return Span(*match.span("value"), kind, 0.75)
        match = _ARGUMENT.match(text, end)
        if match is not None and _is_argument(text, begin, end, match.start("value")):
            value = match.group("value")
            if (is_key if secret else is_password)(value):
                return Span(*match.span("value"), kind, 0.75)
        match = _SPOKEN.match(text, end)
        if match is not None and (secret or (text[begin - 1 : begin] not in ("/", ".") and text[end] in _AFTER_SPOKEN)):
            value = match.group("value").rstrip(".)]}\\:!?" if secret else ".)]}\\")
            start = match.start("value")
            if (
                is_key(value) and one_piece(value)
                if secret
                else classes(value) >= 3 and any(map(str.isdigit, value)) and is_password(value)
            ):
                return Span(start, start + len(value), kind, 0.7)
        return None


def _is_argument(text: str, begin: int, end: int, value: int) -> bool:
    """`f(PASSWORD, "…")` and `f("password", "…")` hand over a value; `"token", "…"` in a list does not."""
    if "," not in text[end:value]:
        return bool(text[end:value].strip())
    if (
        text[end:value].lstrip("_-.").lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")[:1]
        in "\"'`"
    ):
        return (
            text[max(0, begin - 24) : begin]
            .rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.")
            .endswith(('("', "('"))
        )
    return True


def _logins(view: View) -> Iterator[Span]:
    """`curl -u name:password` and its like."""
    for match in _USER_FLAG.finditer(view.text):
        view.budget.spend(_KEYWORD_STEPS)
        user, _, password = match.group("value").partition(":")
        # `-u token:`: some services take the key as the user's name.
        value = password.strip("\"'{}") or (user.strip("\"'{}") if "@" not in user else "")
        if is_password(value):
            yield Span(*match.span("value"), "SECRET", 0.75)
    for match in _BUNDLE.finditer(view.text):
        yield Span(*match.span("value"), "SECRET", 0.75)


def _username(text: str, keyword: int, end: int) -> Iterator[Span]:
    """The user name that goes with a password: harmless alone, half a key beside one."""
    for match in _USERNAME.finditer(text, max(0, keyword - _NEAR), min(len(text), end + _NEAR)):
        if match.group("value").lower() not in _NO_USERNAME:
            yield Span(*match.span("value"), "USERNAME", 0.7)


CREDENTIALS = CredentialDetector()
