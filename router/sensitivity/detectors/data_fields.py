"""Data: JSON, tables, logs and listings hold capitalised words that are fields, places and months, not persons."""

from __future__ import annotations

import re

from router.sensitivity.lexicon import read
from router.sensitivity.patterns import Pattern
from router.sensitivity.tagger.candidates import Candidate

# Fields whose value is a place, a thing or a text about things; the whole name of the field, or its last word.
_FIELD = (
    r"city|cities|town|country|state|region|province|county|continent|capital|location|place|origin|destination|"
    r"departure|arrival|from|to|station|airport|timezone|time ?zone|tz|warehouse|store|venue|language|locale|currency|"
    r"month|weekday|weather|condition|conditions|unit|units|color|colour|status|category|categories|tag|tags|genre|"
    r"brand|product|"
    r"sku|model|browser|platform|os|framework|library|package|module|service|table|column|operation|method|level|"
    r"kind|type|"
    r"ville|pays|lieu|stadt|ort|land|ciudad|pais|lugar"
)
_LABEL = re.compile(rf"(?:.*[ _-])?(?:{_FIELD})\Z")
_KEY = re.compile(rf"(?:[\"' _-])(?:{_FIELD})\\?[\"']\s*[:=]\s*\[?\s*\\?[\"']\Z")
_COMPUTING, _ = read("computing")
_KEY_REACH = 40  # characters
_WORDS = 3  # in the name of a place, at most
_SHORT = "jan feb mar apr may jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun"
_MONTHS = frozenset(_SHORT.split())
_DAY = re.compile(r" {1,2}\d")
_ERROR = ("Exception: ", "Error: ")
_KEY_END = re.compile(r"\\?[\"']\s*:")
_QUERY = re.compile(r"\s*(?:[a-z ]{1,32}: )?(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|EXPLAIN)\s")
_FRAME = r"^[ \t]{1,8}at [\w.$<>/]+\(|^Traceback \(most recent call last\)"
_FILE = re.compile(
    r"\.(?:java|py|pyi|js|jsx|ts|tsx|go|rs|rb|kt|cs|cpp|hpp|swift|scala|php|vue)\b|/v?\d"
)  # or a product
_BEND = re.compile(r"[a-z][A-Z]")
_MEMBER = re.compile(r"\.\w|::|->")
_BENDS = 3  # capitals behind small letters in one word: a surname has two at most
_LABELLED = re.compile(r"[A-Z][a-z]+-[A-Z]{2,4}\Z")  # Steuer-ID, Kunden-NR
_OF_BASE64 = ("+", "=")  # right behind a word
_JSON = re.compile(r"\s*(?:[a-z ]{1,32}: )?[\[{]\s*[\[{\"]")
_CODE = (
    r"^[ \t]{0,16}(?:from [\w.]+ import |import [\w.{*]+[;\s]|(?:async )?def \w+\("
    r"|class \w+[(:{]|#include |(?:export )?(?:const|let|var|function) \w+ ?[=(]"
    r"|public (?:static |final )?(?:class|void) |package [\w.]+;?$|func \w+\()"
)
_LOGGER = re.compile(r"(?:[a-z]\w{0,40}\.){2,12}\w{1,60} {0,40}[:-] \Z")  # names itself before what it has to say
_LOGGER_REACH = 120  # characters
_LINE_OF_CODE = (
    r"^[ \t]*(?:def |class \w+[(:{]|import \w|from [\w.]+ import |return\b|elif |self\.|function\b|const \w+ =|"
    r"let \w+ =|"
    r"var \w+ =|public |private |#include|func |package [\w.]+;|export |\}|@\w+$|raise |async )"
)
# One pass tells that none of these stands in a text, as in most.
_ANY_CODE = Pattern(rf"(?m)(?:{_FRAME})|(?:{_CODE})|{_LINE_OF_CODE}")
_PROOF_OF_CODE = Pattern(rf"(?m)(?:{_FRAME})|(?:{_CODE})")
_EACH_LINE_OF_CODE = re.compile(_LINE_OF_CODE, re.MULTILINE)
_LINES_OF_CODE = 4
_COLUMNS = re.compile(r"\S {2,20}\S+ {2,20}\S")
_TABLE = re.compile(r"(?:[A-Z][A-Z ()/%-]{1,40} {2,20}){2}[A-Z]")  # the head of one


def is_data(text: str) -> bool:
    """Whether `text` is a machine's: JSON, a query, a table, a stack trace, a program. A label may stand before it."""
    if _JSON.match(text) is not None or _QUERY.match(text) is not None or _TABLE.match(text) is not None:
        return True
    data, size = text.encode("ascii", "replace"), len(text)
    if _ANY_CODE.search(data, 0, size) is None:
        return False
    return _PROOF_OF_CODE.search(data, 0, size) is not None or len(_EACH_LINE_OF_CODE.findall(text)) >= _LINES_OF_CODE


def in_no_person_field(text: str, lower: str, candidate: Candidate) -> bool:
    """Whether it is the value of a field for places or things, the date in a listing, the name of a field, or of
    nothing but words of computing."""
    start, end, words = candidate
    if _in_a_head(text, start, end):
        return True
    if _COMPUTING.issuperset(words):
        return True
    if len(words) > _WORDS:
        return False
    if len(words) == 1:
        word = words[0]
        if word in _MONTHS and _DAY.match(text, end) is not None:
            return True
        bends = len(_BEND.findall(text, start, end))
        if bends >= _BENDS or (bends and _MEMBER.match(text, end) is not None):
            return True
        if _LABELLED.match(text, start, end) is not None or text[end : end + 1] in _OF_BASE64:
            return True
        if text[start - 2 : start] in (": ", "- ") and _LOGGER.search(text, max(0, start - _LOGGER_REACH), start):
            return True
        if _FILE.match(text, end) is not None or text.endswith(_ERROR, 0, start):
            return True
        if _KEY_END.match(text, end) is not None and not text[start + 1 : end].islower():
            return True
    before = lower[max(0, start - _KEY_REACH) : start]
    return before[-1:] in ("'", '"') and _KEY.search(before) is not None


def _in_a_head(text: str, start: int, end: int) -> bool:
    """Whether it stands in capitals in the first line, which has columns and no digit: the head of a table."""
    if not text[start:end].isupper() or "\n" in text[:start]:
        return False
    head = text[: text.find("\n", end)]
    return _COLUMNS.search(head) is not None and not any(char.isdigit() for char in head)


def is_place_field(label: str) -> bool:
    """Whether a field's value is a place or a thing. `label`: its name, lower case, words apart."""
    return _LABEL.match(label) is not None
