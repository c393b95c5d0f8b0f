"""Contacts: e-mail addresses and telephone numbers."""

from __future__ import annotations

from router.sensitivity.around import Anchor
from router.sensitivity.checksums import digits, one_digit
from router.sensitivity.cues import Cue
from router.sensitivity.id_checks import decimal
from router.sensitivity.rule import Rule, RuleDetector

_FILE_ENDINGS = frozenset(
    {"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "py", "so", "dll", "md", "json"}
)
_LOCAL_MOST = 64  # characters before the @: RFC 5321, 4.5.3.1.1; counted by where the search begins, not by the pattern
_EMAIL = r"[A-Za-z0-9_%+](?:[A-Za-z0-9._%+'-]*[A-Za-z0-9_%+-])?@(?:[A-Za-z0-9-]+\.){1,6}[A-Za-z]{2,24}"
_AT = r"(?: ?[\[({<] ?(?:at|arroba|arobase|chez) ?[\])}>] ?| (?:at|AT|arroba|arobase) )"
_DOT = r"(?: ?[\[({<] ?(?:dot|punto|point|punkt) ?[\])}>] ?| (?:dot|DOT|punto|point|punkt) |\.)"
_SPELT_EMAIL = rf"[A-Za-z0-9._%+-]+{_AT}[A-Za-z0-9-]+(?:{_DOT}[A-Za-z0-9-]{{2,24}}){{1,4}}"


def _email(text: str) -> bool:
    local, _, domain = text.partition("@")
    return domain.rpartition(".")[2].lower() not in _FILE_ENDINGS and local.lower() not in ("git", "hg")


def _spelt_email(text: str) -> bool:
    lower = text.lower()
    return any(
        mark in lower for mark in (" dot ", "[dot]", "(dot)", "{dot}", " punto ", "(at)", "[at]", "{at}", " point ")
    )


def _international(text: str) -> bool:
    number = digits(text.lower().partition("x")[0].partition("ext")[0])
    return 8 <= len(number) <= 16 and not one_digit(number[3:])


def _national(text: str) -> bool:
    number = digits(text.lower().partition("x")[0].partition("ext")[0])
    return 7 <= len(number) <= 13 and not one_digit(number) and not decimal(text)


_EXT = r"(?: ?(?:x|ext\.?|poste|Durchwahl|extension) ?\d{1,6})?"
_SEP = r"[ .\-/]{0,2}"

CONTACTS = RuleDetector(
    "contacts",
    (
        Rule(
            "EMAIL",
            _EMAIL,
            0.95,
            _email,
            contrary=1.0,
            bounded=False,
            trigger=r"@[A-Za-z0-9-]+\.[A-Za-z0-9]",
            anchor=Anchor("@", _LOCAL_MOST, 1 + 6 * 64 + 24),
        ),
        Rule(
            "EMAIL",
            _SPELT_EMAIL,
            0.85,
            _spelt_email,
            contrary=1.0,
            trigger=rf"{_AT}[A-Za-z0-9-]+{_DOT}[A-Za-z]{{2}}",
            anchor=Anchor(_AT, _LOCAL_MOST, 14 + 63 + 4 * (11 + 24)),
        ),
    ),
)

PHONE_RULES = (
    # +49 (0) 5218 38495 · 0033 1 23 45 67 89 · 001-793-644-1836x713
    Rule(
        "PHONE",
        rf"(?:\+ ?|\b00)[1-9]\d{{0,2}}{_SEP}(?:\(\d{{1,5}}\){_SEP})?\d(?:{_SEP}\(?\d\)?){{5,12}}{_EXT}",
        0.85,
        _international,
        Cue.PHONE,
    ),
    # (612) 555-0133 · 612-555-0133
    Rule(
        "PHONE",
        rf"(?:1[ .-])?(?:\(\d{{3}}\) ?|\d{{3}}[ .-])\d{{3}}[ .-]\d{{4}}{_EXT}",
        0.65,
        _national,
        Cue.PHONE,
        contrary=0.6,
    ),
    # 01 23 45 67 89 · 06.12.34.56.78
    Rule("PHONE", r"0[1-9](?:[ .-]\d{2}){4}", 0.8, _national, Cue.PHONE),
    # (0521) 838495 · 0521/838495 · 020 7946 0958 · 07700 900123
    Rule("PHONE", r"\(0\d{2,5}\) ?\d{2,5}(?:[ -]?\d{1,5}){1,2}", 0.7, _national, Cue.PHONE),
    Rule(
        "PHONE",
        r"0\d{2,4} ?/ ?\d{3,5}[ -]?\d{1,5}|0\d{2,4} \d{3,4} \d{3,4}|07\d{3} \d{6}|0\d{2,4}-\d{6,8}",
        0.55,
        _national,
        Cue.PHONE,
    ),
    # 612 345 678 · 612 34 56 78 and anything else of the right length, where a word says so
    Rule(
        "PHONE",
        rf"\(?\+?\d(?:{_SEP}\(?\d\)?){{5,13}}{_EXT}",
        0.2,
        _national,
        Cue.PHONE,
        cued=0.9,
    ),
)
