"""Secrets whose form gives them away: vendors' keys and tokens, JSON web tokens, URL credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.sensitivity.around import Anchor
from router.sensitivity.detector import Prefix
from router.sensitivity.detectors.vendor_keys import SHAPED_KEYS, VENDOR_KEYS
from router.sensitivity.entropy import is_placeholder
from router.sensitivity.rule import Rule, RuleDetector

_JWT = r"eyJ[A-Za-z0-9_-]{8,}\.eyJ?[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,3}"  # RE2: linear, and nothing to re-try
_URL_LOGIN = r"[a-z][a-z0-9+.-]{1,20}://[^\s:/@?#'\"<>]{0,80}:([^\s/@'\"<>]{3,160})@[A-Za-z0-9.-]{1,120}"
_MEMORY = 1 << 20  # bytes: long keys of counted characters take many states
_LONGEST = 1_000  # characters of a key
_BOUNDARY = "(?:^|"
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_ENOUGH = 4  # characters behind a prefix
_TYPED = re.compile("abcdefgh|ghijklmn|klmnopqr|nopqrstu|qrstuvwx|stuvwxyz")  # a hand that makes up a key
_ANTHROPIC = re.compile(r"sk-ant-(?:api|admin)\d\d-[A-Za-z0-9_-]{93}AA\Z")  # and nothing else, where it looks made up
_PLACEHOLDER_LOGIN = re.compile(r"[$<{\[*x]|\A(?:password|passwd|pass|pw|secret|token|\.{3})\Z", re.IGNORECASE)


def _key(text: str) -> bool:
    """Drawn by a machine: has a digit, or mixes upper and lower case; and is no stand-in."""
    if is_placeholder(text):
        return False
    if text.startswith("GR1348941") and text[9:].isdigit():
        return False
    if text.startswith("sk-ant-") and _TYPED.search(text) is not None and _ANTHROPIC.match(text) is None:
        return False
    return any(map(str.isdigit, text)) or (not text.islower() and "_" not in text[8:])


def _key_with_digit(text: str) -> bool:
    return any(map(str.isdigit, text)) and not is_placeholder(text)


def _many(text: str) -> bool:
    """More than a run of one letter: the tail has characters of many kinds."""
    return len(set(text)) >= 20


def _login(text: str) -> bool:
    return _PLACEHOLDER_LOGIN.match(text) is None


def _trigger(pattern: str) -> str:
    """A vendor key wakes by its prefix and a few characters: the long tails would only swell the common automaton."""
    return rf"(?:^|[^A-Za-z0-9])(?:{'|'.join(_beginning(each) for each in _alternatives(pattern))})"


def _begins(pattern: str) -> Anchor:
    """For a key that begins so."""
    return Anchor(pattern, 0, _LONGEST)


def _whole(pattern: str) -> str:
    """The key alone, where a word begins: what may begin anywhere needs a state for every place it may be in."""
    return pattern if _GROUP.search(pattern) is not None else rf"(?:^|[^A-Za-z0-9])({pattern})"


def _alternatives(pattern: str) -> Iterator[str]:
    depth = start = 0
    for index, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            yield pattern[start:index]
            start = index + 1
    yield pattern[start:]


def _beginning(pattern: str) -> str:
    """As far as the first long repeat that stands in no group, of which four are enough."""
    depth = 0
    for index, char in enumerate(pattern):
        depth += (char == "(") - (char == ")")
        if (
            char == "{"
            and depth == 0
            and "[" not in pattern[:1]
            and int(re.split("[,}]", pattern[index + 1 :])[0]) >= _ENOUGH
        ):
            return f"{pattern[:index]}{{{_ENOUGH}}}"
    return pattern


SECRETS = RuleDetector(
    "secrets",
    (
        *(
            Rule("SECRET", _whole(key), 0.95, _key, contrary=1.0, trigger=beginning, anchor=_begins(beginning))
            for key, beginning in zip(VENDOR_KEYS, map(_trigger, VENDOR_KEYS), strict=True)
        ),
        *(
            Rule(
                "SECRET",
                _whole(key),
                0.95,
                _key_with_digit,
                contrary=1.0,
                trigger=trigger,
                anchor=_begins(trigger) if trigger.startswith(_BOUNDARY) else None,
                memory=_MEMORY,
            )
            for trigger, key in SHAPED_KEYS
        ),
        # Thirteen characters that stand for a token of Artifactory and for nothing else: who writes them may well have
        # put a real one into the next line, and no other text has them.
        Rule(
            "SECRET", r"(?:^|[\s=:\"'>])(A(?:KC|P[0-9A-F])x{10})", 0.6, contrary=1.0, trigger=r"A(?:KC|P[0-9A-F])x{10}"
        ),
        # Long zeros are part of these two, so what is a placeholder elsewhere is none here: NTLM's third message
        # with the hashed password (MS-NLMP 2.2.1.3), and the bearer token of an application on X.
        Rule(
            "SECRET",
            r"TlRMTVNTUAAD[A-Za-z0-9+/]{40,800}={0,2}",
            0.9,
            contrary=1.0,
            trigger=r"TlRMTVNTUAAD",
            anchor=_begins("TlRMTVNTUAAD"),
        ),
        Rule(
            "SECRET",
            r"A{20}[A-Za-z0-9%]{40,120}",
            0.9,
            _many,
            contrary=1.0,
            trigger=r"AAAAAAAAAAAAAAAAAAAA[A-Za-z]",
            anchor=_begins("A{20}[A-Za-z0-9%]{4}"),
        ),
        Rule("SECRET", _JWT, 0.95, contrary=1.0, bounded=False, trigger=r"eyJ[A-Za-z0-9_-]{8}"),
        Rule(
            "SECRET",
            _URL_LOGIN,
            0.9,
            _login,
            contrary=1.0,
            bounded=False,
            trigger=r"://[^\s/@'\"<>]*:[^\s/@'\"<>]+@",
            anchor=Anchor("://", 21, 3 + 80 + 1 + 160 + 1 + 120),
        ),
    ),
    Prefix,
)
