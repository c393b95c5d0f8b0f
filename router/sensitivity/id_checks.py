"""Checks of national identifiers, one function a number. Sources: the issuing authority's published algorithm."""

from __future__ import annotations

from datetime import date

from router.sensitivity.checksums import (
    compact,
    date_ddmmyy,
    date_yymmdd,
    digits,
    luhn,
    mod11_10,
    one_digit,
    verhoeff,
    weighted,
)

_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_MISREAD = str.maketrans("OoISBZlGg", "001582169")


def nir(text: str) -> bool:
    """France: key = 97 - number mod 97; Corsica's 2A and 2B count as 19 and 18."""
    value = compact(text).replace("2A", "19").replace("2B", "18")
    return len(value) == 15 and value.isdigit() and 97 - int(value[:13]) % 97 == int(value[13:])


def spi(text: str) -> bool:
    """France: the tax office's number, the first ten digits modulo 511."""
    value = digits(text)
    return int(value[:10]) % 511 == int(value[10:])


def steuer_id(text: str) -> bool:
    """Germany: ISO 7064 MOD 11,10; among the first ten digits at least one stands twice or three times."""
    value = digits(text)
    return value[0] != "0" and len(set(value[:10])) < 10 and not one_digit(value) and mod11_10(value)


def rentenversicherung(text: str) -> bool:
    """Germany: weights of VKVV § 4; the letter counts as two digits."""
    value = compact(text)
    number = value[:8] + f"{ord(value[8]) - 64:02d}" + value[9:11]
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    total = sum(sum(divmod(int(char) * weight, 10)) for char, weight in zip(number, weights, strict=True))
    return total % 10 == int(value[11])


def personalausweis(text: str) -> bool:
    """Germany: nine characters, at least three of them digits, with ICAO 9303's check digit if there is a tenth."""
    value = text.upper()
    if sum(char.isdigit() for char in value) < 3:
        return False
    if len(value) < 10:
        return True
    return sum(int(char, 36) * (7, 3, 1)[i % 3] for i, char in enumerate(value[:9])) % 10 == int(value[9])


def kvnr(text: str) -> bool:
    """Germany: the letter as two digits, then Luhn with the weights 1, 2 from the left."""
    number = f"{ord(text[0]) - 64:02d}" + text[1:9]
    total = sum(sum(divmod(int(char) * (1 + i % 2), 10)) for i, char in enumerate(number))
    return total % 10 == int(text[9])


def dni(text: str) -> bool:
    value = compact(text)
    return 8 <= len(value) <= 9 and _DNI_LETTERS[int(value[:-1]) % 23] == value[-1]


def nie(text: str) -> bool:
    value = compact(text)
    return _DNI_LETTERS[int("XYZ".index(value[0]) * 10_000_000 + int(value[1:8])) % 23] == value[8]


def nss(text: str) -> bool:
    """Spain: the first ten digits modulo 97."""
    value = digits(text)
    return 1 <= int(value[:2]) <= 66 and int(value[:10]) % 97 == int(value[10:])


def ssn(text: str) -> bool:
    """United States: no part is all zeros. Areas over 899 are taxpayers' numbers (ITIN)."""
    value = digits(text)
    return (
        len(value) == 9 and value[:3] != "000" and value[3:5] != "00" and value[5:] != "0000" and not one_digit(value)
    )


def misread(text: str) -> bool:
    """At most two letters that a scanner takes for digits."""
    return 0 < sum(char.isalpha() for char in text) <= 2 and ssn(text.translate(_MISREAD))


def nino(text: str) -> bool:
    return compact(text)[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN")


def nhs(text: str) -> bool:
    """United Kingdom: weights 10..2, modulo 11."""
    value = digits(text)
    return not one_digit(value) and (11 - weighted(value[:9], range(10, 1, -1), 11)) % 11 == int(value[9])


def bsn(value: str) -> bool:
    """Netherlands: the "eleven test", last weight -1."""
    return weighted(value, (9, 8, 7, 6, 5, 4, 3, 2, -1), 11) == 0 and not one_digit(value)


def bsn_grouped(text: str) -> bool:
    return bsn(digits(text))


def cartao(text: str) -> bool:
    """Portugal: Luhn over twelve characters, letters as 10..35, every second one doubled from the left."""
    total = 0
    for place, char in enumerate(compact(text)):
        value = int(char, 36) * (2 - place % 2)
        total += value - 9 if place % 2 == 0 and value > 9 else value
    return total % 10 == 0


def nif(value: str) -> bool:
    """Portugal: weights 9..2, modulo 11."""
    rest = weighted(value[:8], range(9, 1, -1), 11)
    return (0 if rest < 2 else 11 - rest) == int(value[8])


def nine_digits(text: str) -> bool:
    value = digits(text)
    return bsn(value) or nif(value)


def belgian(text: str) -> bool:
    """Belgium: 97 - number mod 97; those born from 2000 on with a 2 in front."""
    value = digits(text)
    key = int(value[9:])
    return key in (97 - int(value[:9]) % 97, 97 - int("2" + value[:9]) % 97)


def pesel(value: str) -> bool:
    """Poland: weights 1 3 7 9; months carry the century (+20, +80…)."""
    month = int(value[2:4]) % 20
    return (
        1 <= month <= 12 and 1 <= int(value[4:6]) <= 31 and weighted(value, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10) == 0
    )


def norwegian(value: str) -> bool:
    """Norway: two control digits, modulo 11. The day of a D-number is 40 more."""
    return (
        1 <= int(value[:2]) % 40 <= 31
        and 1 <= int(value[2:4]) <= 12
        and weighted(value, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), 11) == 0
        and weighted(value, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11) == 0
    )


def norwegian_grouped(text: str) -> bool:
    return norwegian(digits(text))


def turkish(value: str) -> bool:
    """Turkey: two control digits."""
    ten = (sum(int(char) for char in value[0:9:2]) * 7 - sum(int(char) for char in value[1:8:2])) % 10
    return value[0] != "0" and ten == int(value[9]) and sum(int(char) for char in value[:10]) % 10 == int(value[10])


def cpf_digits(value: str) -> bool:
    """Brazil: two control digits, modulo 11."""
    first = weighted(value[:9], range(10, 1, -1), 11)
    second = weighted(value[:10], range(11, 1, -1), 11)
    return value[9:] == f"{0 if first < 2 else 11 - first}{0 if second < 2 else 11 - second}"


def cpf(text: str) -> bool:
    value = digits(text)
    return not one_digit(value) and cpf_digits(value)


def cnpj(text: str) -> bool:
    """Brazil: two control digits, modulo 11, weights 2..9 from the right."""
    value = digits(text)
    for size in (12, 13):
        rest = weighted(value[:size], [2 + (size - 1 - place) % 8 for place in range(size)], 11)
        if int(value[size]) != (0 if rest < 2 else 11 - rest):
            return False
    return not one_digit(value)


def eleven_digits(text: str) -> bool:
    """The numbers of eleven digits whose form a random one rarely has: Poland, Norway, Turkey, Brazil, Belgium."""
    if one_digit(text):
        return False
    return (
        pesel(text) or norwegian(text) or turkish(text) or cpf_digits(text) or (date_yymmdd(text[:6]) and belgian(text))
    )


def austrian(text: str) -> bool:
    """Austria: weights 3 7 9 · 5 8 4 2 1 6, the fourth digit is the check."""
    value = digits(text)
    rest = weighted(value[:3] + value[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6), 11)
    return rest == int(value[3]) and date_ddmmyy(value[4:])


def nordic(text: str) -> bool:
    """Sweden: a date and Luhn over ten digits. Denmark: a date written day first."""
    value = digits(text)
    if one_digit(value):
        return False
    if len(value) == 12:
        value = value[2:]
    if not date_ddmmyy(value[:6]) and not (date_yymmdd(value[:6]) or 61 <= int(value[4:6]) <= 91):
        return False
    return luhn(value) or ("-" in text and date_ddmmyy(value[:6]))


def ahv(text: str) -> bool:
    """Switzerland: EAN-13."""
    value = digits(text)
    return (10 - sum(int(char) * (1 + 2 * (i % 2)) for i, char in enumerate(value[:12])) % 10) % 10 == int(value[12])


def hetu(text: str) -> bool:
    """Finland: modulo 31."""
    return _HETU_LETTERS[int(text[:6] + text[7:10]) % 31] == text[10] and date_ddmmyy(text[:6])


def pps(text: str) -> bool:
    """Ireland: weights 8..2, a second letter counts nine times."""
    value = text.upper()
    total = weighted(value[:7], range(8, 1, -1), 23)
    if len(value) == 9:
        total += (0 if value[8] == "W" else ord(value[8]) - 64) * 9
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == value[7]


def sin(text: str) -> bool:
    """Canada: Luhn."""
    value = digits(text)
    return value[0] not in "08" and luhn(value)


def aadhaar(text: str) -> bool:
    value = digits(text)
    return len(set(value)) > 3 and verhoeff(value)


def tfn(text: str) -> bool:
    """Australia: weights 1 4 3 7 5 8 6 9 10, modulo 11."""
    value = digits(text)
    return len(value) == 9 and not one_digit(value) and weighted(value, (1, 4, 3, 7, 5, 8, 6, 9, 10), 11) == 0


def south_african(text: str) -> bool:
    return date_yymmdd(text[:6]) and text[10] in "012" and luhn(text)


def thai(text: str) -> bool:
    """Thailand: weights 13..2, modulo 11."""
    value = digits(text)
    return (11 - weighted(value[:12], range(13, 1, -1), 11)) % 10 == int(value[12]) and not one_digit(value)


def decimal(text: str) -> bool:
    """A number with a fraction: no zero in front of the others, digits and one point."""
    whole, point, fraction = text.strip().partition(".")
    return bool(point) and whole.isdigit() and fraction.isdigit() and (whole == "0" or whole[0] != "0")


def any_id(text: str) -> bool:
    """Long enough to be a person's number, and not a date."""
    value = digits(text)
    if not 7 <= len(value) <= 15 or text.count(".") == 3 or decimal(text):  # three dots: an IP address
        return False
    parts = text.replace(".", "-").replace("/", "-").split("-")
    if len(parts) == 3 and len(value) == 8 and all(part.strip().isdigit() for part in parts):
        try:
            year, month, day = (int(part) for part in (parts if len(parts[0]) == 4 else reversed(parts)))
            date(year, month, day)
        except ValueError:
            return True
        return False
    return True
