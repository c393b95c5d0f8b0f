"""Checksums: the arithmetic by which real identifiers differ from mere digits. All take any text and return a bool.

Own few lines each: importing python-stdnum costs 40 ms and 11 MB in every worker.
"""

from __future__ import annotations

from collections.abc import Sequence


def digits(text: str) -> str:
    """The digits alone."""
    return text if text.isdigit() else "".join(filter(str.isdigit, text))


def compact(text: str) -> str:
    """Letters and digits alone, upper case."""
    return "".join(filter(str.isalnum, text)).upper()


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B. `number` is digits only."""
    total = 0
    for index, char in enumerate(reversed(number)):
        value = ord(char) - 48
        if index & 1:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


_DAMM_D = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_VERHOEFF_P = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def verhoeff(number: str) -> bool:
    """Verhoeff 1969 (Aadhaar). `number` is digits only."""
    check = 0
    for index, char in enumerate(reversed(number)):
        check = int(_DAMM_D[check][int(_VERHOEFF_P[index % 8][ord(char) - 48])])
    return check == 0


def mod11_10(number: str) -> bool:
    """ISO 7064 MOD 11,10 (German tax id)."""
    check = 5
    for char in number:
        check = ((check or 10) * 2 % 11 + ord(char) - 48) % 10
    return check == 1


def mod97(text: str) -> bool:
    """ISO 7064 MOD 97-10 as in IBAN: the first four characters moved to the end, letters as 10..35."""
    rearranged = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in rearranged)) % 97 == 1


def weighted(number: str, weights: Sequence[int], modulus: int) -> int:
    """Sum of digit times weight, modulo `modulus`."""
    return sum((ord(char) - 48) * weight for char, weight in zip(number, weights, strict=False)) % modulus


def one_digit(number: str) -> bool:
    """The same digit throughout: passes many checksums and is nobody's number."""
    return len(set(number)) <= 1


def date_yymmdd(text: str) -> bool:
    """Whether six digits could be a date written year, month, day."""
    return 1 <= int(text[2:4]) <= 12 and 1 <= int(text[4:6]) <= 31


def date_ddmmyy(text: str) -> bool:
    """Whether six digits could be a date written day, month, year."""
    return 1 <= int(text[0:2]) <= 31 and 1 <= int(text[2:4]) <= 12
