"""Valid numbers of persons, drawn at random: national identifiers by country, each in the ways in which it is written.

Validity is judged by python-stdnum (`pip install python-stdnum`), not by the project's own checks.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable

Draw = random.Random
Maker = Callable[[Draw], str]
_TRIES = 20_000


def _digits(draw: Draw, count: int) -> str:
    return "".join(draw.choice("0123456789") for _ in range(count))


def _date(draw: Draw, form: str) -> str:
    day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(1940, 1999)
    return form.format(d=day, m=month, y=year % 100, yyyy=year)


def _letters(draw: Draw, count: int, of: str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ") -> str:
    return "".join(draw.choice(of) for _ in range(count))


def valid(module: str, make: Maker, *forms: str) -> Maker:
    """Draws with `make` until `stdnum.<module>` says that it is valid, then writes it in one of `forms`.

    A form is a row of widths and separators, `3.3.3-2`; none leaves it as it is.
    """
    judge = importlib.import_module(f"stdnum.{module}").is_valid

    def drawn(draw: Draw) -> str:
        for _ in range(_TRIES):
            value = make(draw)
            if judge(value):
                return _written(value, draw.choice(forms)) if forms else value
        raise RuntimeError(f"no valid value of {module} in {_TRIES} tries")

    return drawn


def _written(value: str, form: str) -> str:
    """`form`: widths (one character each: 1-9, A is 10, B is 11…) and what stands between."""
    out, position = "", 0
    for sign in form:
        width = "0123456789ABCDEFGHIJ".find(sign)
        if width > 0:
            out += value[position : position + width]
            position += width
        else:
            out += sign
    return out + value[position:]


def _nir(draw: Draw) -> str:
    place = draw.choice([f"{draw.randint(1, 95):02d}", "2A", "2B", "97"])
    rest = f"{draw.randint(1, 9)}{_digits(draw, 2)}" if place == "97" else f"{draw.randint(1, 300):03d}"
    head = f"{draw.choice('12')}{draw.randint(40, 99)}{draw.randint(1, 12):02d}{place}{rest}{draw.randint(1, 400):03d}"
    number = int(head.replace("2A", "19").replace("2B", "18"))
    return f"{head}{97 - number % 97:02d}"


def _codice(draw: Draw) -> str:
    consonants = "BCDFGLMNPRSTVZ"
    head = _letters(draw, 6, consonants) + f"{draw.randint(40, 99)}{draw.choice('ABCDEHLMPRST')}"
    head += f"{draw.randint(1, 28) + draw.choice((0, 40)):02d}{draw.choice('ABCDEFGHIL')}{draw.randint(101, 899)}"
    return head + _letters(draw, 1)


def _rvnr(draw: Draw) -> str:
    """Weights of VKVV § 4."""
    head = f"{draw.choice(('15', '53', '65', '82', '12', '40'))}{_date(draw, '{d:02d}{m:02d}{y:02d}')}"
    letter, serial = draw.choice("ABCDEFGHKLMRSW"), f"{draw.randint(0, 99):02d}"
    line = head + f"{ord(letter) - 64:02d}" + serial
    total = 0
    for char, weight in zip(line, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True):
        total += sum(map(int, str(int(char) * weight)))
    return f"{head}{letter}{serial}{total % 10}"


def _kvnr(draw: Draw) -> str:
    """GKV-Spitzenverband: Luhn from the left with weights 1, 2; the letter is its place in the alphabet, two digits."""
    letter, body = _letters(draw, 1), _digits(draw, 8)
    line = f"{ord(letter) - 64:02d}{body}"
    total = sum(sum(map(int, str(int(char) * (1 + place % 2)))) for place, char in enumerate(line))
    return f"{letter}{body}{total % 10}"


def _ausweis(draw: Draw) -> str:
    """Serial of a German identity card, with the check digit of ICAO 9303 or without."""
    alphabet = "CFGHJKLMNPRTVWXYZ"
    while True:
        body = draw.choice("LMNPRTVWXY") + "".join(draw.choice(alphabet + "0123456789" * 2) for _ in range(8))
        if sum(map(str.isdigit, body)) >= 3:
            break
    check = sum(int(char, 36) * (7, 3, 1)[place % 3] for place, char in enumerate(body)) % 10
    return body + draw.choice(("", str(check)))


def _nss(draw: Draw) -> str:
    """Spain's social security: the first ten digits modulo 97."""
    province, serial = f"{draw.randint(1, 50):02d}", f"{draw.randint(10_000_000, 99_999_999)}"
    return f"{province}{serial}{int(province + serial) % 97:02d}"


def _nino(draw: Draw) -> str:
    while True:
        prefix = draw.choice("ABCEGHJKLMNOPRSTWXYZ") + draw.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            return f"{prefix}{_digits(draw, 6)}{draw.choice('ABCD')}"


def _medicare(draw: Draw) -> str:
    """Australia: weights 1 3 7 9, modulo 10; a digit for the issue follows."""
    head = draw.choice("23456") + _digits(draw, 7)
    total = sum(int(char) * weight for char, weight in zip(head, (1, 3, 7, 9, 1, 3, 7, 9), strict=True))
    return f"{head}{total % 10}{draw.randint(1, 9)}"


def formed(make: Maker, *forms: str) -> Maker:
    """`make`, written in one of `forms`."""
    return lambda draw: _written(make(draw), draw.choice(forms))


def _birth(draw: Draw, form: str, tail: int) -> str:
    return _date(draw, form) + _digits(draw, tail)


def _hetu(draw: Draw) -> str:
    return (
        _date(draw, "{d:02d}{m:02d}{y:02d}")
        + draw.choice("-")
        + f"{draw.randint(2, 899):03d}"
        + _letters(draw, 1, "0123456789ABCDEFHJKLMNPRSTUVWXY")
    )


def _pan(draw: Draw) -> str:
    return _letters(draw, 3) + "P" + _letters(draw, 1) + f"{draw.randint(1, 9999):04d}" + _letters(draw, 1)


def _dnumber(draw: Draw) -> str:
    return f"{draw.randint(41, 68)}{draw.randint(1, 12):02d}{draw.randint(40, 99)}{_digits(draw, 5)}"


NATIONAL: dict[str, Maker] = {
    "fr.nir": formed(_nir, "F", "1 2 2 2 3 3 2", "D 2", "1.2.2.2.3.3.2"),
    "fr.nif": valid("fr.nif", lambda d: d.choice("0123") + _digits(d, 12), "D", "2 2 3 3 3"),
    "de.idnr": valid("de.idnr", lambda d: d.choice("123456789") + _digits(d, 10), "B", "2 3 3 3"),
    "de.ausweis": _ausweis,
    "de.rvnr": formed(_rvnr, "C", "2 6 1 3"),
    "de.kvnr": _kvnr,
    "es.dni": valid("es.dni", lambda d: _digits(d, 8) + _letters(d, 1), "9", "8-1", "2.3.3-1", "8 1"),
    "es.nie": valid("es.nie", lambda d: d.choice("XYZ") + _digits(d, 7) + _letters(d, 1), "9", "1-7-1"),
    "es.nss": formed(_nss, "C", "2/8/2", "2 8 2", "2-8-2"),
    "it.cf": valid("it.codicefiscale", _codice, "G", "3 3 5 5"),
    "nl.bsn": valid("nl.bsn", lambda d: _digits(d, 9), "9", "3.3.3", "4.2.3"),
    "be.nn": valid("be.nn", lambda d: _birth(d, "{y:02d}{m:02d}{d:02d}", 5), "B", "2.2.2-3.2"),
    "pl.pesel": valid("pl.pesel", lambda d: _birth(d, "{y:02d}{m:02d}{d:02d}", 5)),
    "pt.nif": valid("pt.nif", lambda d: d.choice("123") + _digits(d, 8), "9", "3 3 3"),
    "pt.cc": valid("pt.cc", lambda d: _digits(d, 9) + _letters(d, 2) + _digits(d, 1), "C", "8 1 3"),
    "at.vnr": valid("at.vnr", lambda d: _digits(d, 4) + _date(d, "{d:02d}{m:02d}{y:02d}"), "A", "4 6"),
    "ch.ahv": valid("ch.ssn", lambda d: "756" + _digits(d, 10), "D", "3.4.4.2"),
    "se.pnr": valid("se.personnummer", lambda d: _birth(d, "{yyyy}{m:02d}{d:02d}-", 4)),
    "se.pnr10": valid("se.personnummer", lambda d: _birth(d, "{y:02d}{m:02d}{d:02d}", 4), "A", "6-4"),
    "fi.hetu": valid("fi.hetu", _hetu),
    "dk.cpr": valid("dk.cpr", lambda d: _birth(d, "{d:02d}{m:02d}{y:02d}", 4), "A", "6-4", "6 4"),
    "no.fnr": valid("no.fodselsnummer", lambda d: _birth(d, "{d:02d}{m:02d}{y:02d}", 5), "B", "6 5"),
    "no.dnr": valid("no.fodselsnummer", _dnumber, "B", "6 5"),
    "ie.pps": valid("ie.pps", lambda d: _digits(d, 7) + _letters(d, 1) + d.choice(["", "A", "W"])),
    "tr.tckn": valid("tr.tckimlik", lambda d: d.choice("123456789") + _digits(d, 10)),
    "gb.nino": formed(_nino, "9", "2 2 2 2 1", "2-2-2-2-1"),
    "gb.nhs": valid("gb.nhs", lambda d: d.choice("4679") + _digits(d, 9), "A", "3 3 4", "3-3-4"),
    "gb.utr": valid("gb.utr", lambda d: _digits(d, 10), "A", "5 5"),
    "us.ssn": valid("us.ssn", lambda d: _digits(d, 9), "3-2-4", "3 2 4", "9"),
    "us.itin": valid("us.itin", lambda d: "9" + _digits(d, 8), "3-2-4", "9"),
    "us.ein": valid("us.ein", lambda d: _digits(d, 9), "2-7"),
    "ca.sin": valid("ca.sin", lambda d: d.choice("1234567") + _digits(d, 8), "3 3 3", "3-3-3", "9"),
    "br.cpf": valid("br.cpf", lambda d: _digits(d, 11), "3.3.3-2", "B"),
    "br.cnpj": valid("br.cnpj", lambda d: _digits(d, 8) + "0001" + _digits(d, 2), "2.3.3/4-2", "E"),
    "in.aadhaar": valid("in_.aadhaar", lambda d: d.choice("23456789") + _digits(d, 11), "4 4 4", "4-4-4", "C"),
    "in.pan": _pan,
    "au.tfn": valid("au.tfn", lambda d: _digits(d, 9), "3 3 3", "9"),
    "au.medicare": formed(_medicare, "4 5 1", "A"),
}
