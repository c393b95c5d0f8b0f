"""Payment: cards, IBANs and other bank details."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.sensitivity.checksums import compact, digits, luhn, mod97, one_digit
from router.sensitivity.cues import Cue, cues_in
from router.sensitivity.detector import Span
from router.sensitivity.patterns import Pattern
from router.sensitivity.rule import Rule, RuleDetector
from router.sensitivity.view import View

# Length by country, SWIFT IBAN registry release 99.
_IBAN_LENGTH = {
    country: int(length)
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
_IBAN_COUNTRIES = "|".join(sorted(_IBAN_LENGTH))
_IBAN_START = Pattern(rf"(?i)(?:^|[^A-Z0-9])((?:{_IBAN_COUNTRIES})[ .-]?\d[ .-]?\d(?:[ .-]?[A-Z0-9]){{11}})")
_IBAN_STEPS = 9  # of the budget, for one beginning
_BANK = int(Cue.BANK)
_SEPARATORS = " .-\n"


class IbanDetector:
    """An IBAN ends where its country says it ends, so that the words behind it are not swallowed."""

    name = "iban"
    triggers = (rf"(?i)\b(?:{_IBAN_COUNTRIES})[ .-]?\d[ .-]?\d[ .-]?[A-Z0-9][ .-]?[A-Z0-9]",)

    def worth(self, hits: Sequence[int], data: bytes) -> bool:
        """Whether any beginning goes on as an IBAN does: "at 1200" does not."""
        return _IBAN_START.search(data, 0, len(data)) is not None

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        text, position, size = view.text, 0, len(view.data)
        while (match := _IBAN_START.search(view.data, position, size)) is not None:
            view.budget.spend(_IBAN_STEPS)
            start = match[2]
            position = start + 1
            length = _IBAN_LENGTH.get(text[start : start + 2].upper())
            if length is None:
                continue
            value, end = _take(text, start, length)
            if len(value) < length or (end < len(text) and text[end].isalnum() and text[end - 1].isalnum()):
                continue
            if mod97(value):
                yield Span(start, end, "IBAN", 0.98)
                position = end
            elif cues_in(view.before(start)) & _BANK and value[4:].isdigit():
                yield Span(start, end, "IBAN", 0.8)  # mistyped, but meant
                position = end


def _take(text: str, start: int, length: int) -> tuple[str, int]:
    """`length` letters and digits from `start` on, single separators skipped; where they end."""
    taken: list[str] = []
    index, gap = start, 0
    while index < len(text) and len(taken) < length:
        char = text[index]
        if char.isalnum():
            taken.append(char)
            gap = 0
        elif char in _SEPARATORS and gap == 0:
            gap = 1
        else:
            break
        index += 1
    return "".join(taken).upper(), index


_COMMON_SIZE, _LONGEST = 16, 19  # digits: between them only Maestro and UnionPay (6), and 19 also Visa (ISO/IEC 7812)


def _card(text: str) -> bool:
    number = digits(text)
    size = len(number)
    if not 13 <= size <= 19 or one_digit(number):
        return False
    if size > _COMMON_SIZE and number[0] not in ("46" if size == _LONGEST else "6"):
        return False
    return (
        number[0] in "456" or number[:2] in ("34", "35", "36", "37", "38", "30", "39") or "2221" <= number[:4] <= "2720"
    ) and luhn(number)


def _rib(text: str) -> bool:
    """France: 97 - (89 bank + 15 branch + 3 account) modulo 97, letters of the account as 1..9 by their place."""
    value = compact(text).translate(_RIB_LETTERS)
    number = 89 * int(value[:5]) + 15 * int(value[5:10]) + 3 * int(value[10:21])
    return not one_digit(value) and 97 - number % 97 == int(value[21:])


def _account(text: str) -> bool:
    return not (len(text) == 4 and text[:2] in ("19", "20"))  # a year


def _card_shaped(text: str) -> bool:
    number = digits(text)
    return 15 <= len(number) <= 16 and number[0] in "3456" and not one_digit(number)


def _luhn(text: str) -> bool:
    number = digits(text)
    return not one_digit(number) and luhn(number)


def _aba(text: str) -> bool:
    number = digits(text)
    total = sum((3, 7, 1)[i % 3] * int(char) for i, char in enumerate(number))
    return len(number) == 9 and total % 10 == 0 and number[:2] <= "80" and not one_digit(number)


_RIB_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
_NUMBER = r"\d(?:[ .-]?\d){12,18}"

_AS_PRINTED = r"\d{4}(?: \d{4}){3}|\d{4}(?:-\d{4}){3}|\d{4} \d{6} \d{5}"

PAYMENT_RULES = (
    # Set in groups as on the card, and the sum is right: that is no order's number, whatever word stands before it.
    Rule("CREDIT_CARD", _AS_PRINTED, 0.8, _card, Cue.CARD, cued=0.97, contrary=0.8, after=True),
    Rule("CREDIT_CARD", _NUMBER, 0.8, _card, Cue.CARD, cued=0.97, after=True),
    Rule("CREDIT_CARD", r"\d{4}[ .-]?\d{4}[ .-]?\d{4}[ .-]?\d{3,4}", 0.1, _card_shaped, Cue.CARD, cued=0.75),
    Rule("CREDIT_CARD", r"\d{4}[ .-]?\d{6}[ .-]?\d{4,5}", 0.1, _card, Cue.CARD, cued=0.9),
    Rule("CREDIT_CARD", r"\d(?:[ .-]?\d){11,18}", 0.0, _luhn, Cue.CARD, cued=0.75),
    Rule("BANK_ACCOUNT", r"\d(?:[ -]?\d){6,16}", 0.0, None, Cue.BANK, cued=0.75, contrary=1.0),
    Rule("BANK_ACCOUNT", r"\d{5}[ -]?\d{5}[ -]?[0-9A-Z]{11}[ -]?\d{2}", 0.75, _rib, Cue.BANK),
    Rule("BANK_ACCOUNT", r"\d{2}-\d{2}-\d{2}(?:[ ,;]{1,2}\d{8})?", 0.0, None, Cue.SORT_CODE, cued=0.85),
    Rule("BANK_ACCOUNT", r"\d{4}-?\d{4}-?\d", 0.2, _aba, Cue.ROUTING, cued=0.95),
    Rule("ACCOUNT_ID", r"#?(?:[A-Z]{1,5}-?)?\d[\d-]{3,15}", 0.0, _account, Cue.ACCOUNT, cued=0.65, contrary=1.0),
)
BIC = RuleDetector(
    "bic",
    (
        Rule(
            "BANK_ACCOUNT",
            r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?",
            0.0,
            None,
            Cue.BIC,
            cued=0.7,
            trigger=r"(?i)\b(?:bic|swift)\b",
        ),
    ),
)
IBAN = IbanDetector()
