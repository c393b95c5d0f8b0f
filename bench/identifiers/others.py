"""Values that are no national identifier: papers, vehicles, money, contacts, dates, machines, records of health."""

from __future__ import annotations

from bench.identifiers.numbers import Draw, Maker, _date, _digits, _letters, _written, valid

_CONSONANTS = "BCDFGHJKLMNPRSTVWXYZ"
_NAMES = ("mara", "j.keller", "paul.roux", "ana_ruiz", "t.o-brien", "lena+post", "kofi", "o.lindqvist", "m.d'arc", "x9")
_HOSTS = ("example-post.net", "keller.io", "mail.roux.fr", "correo.es", "uni-bremen.example.de", "acme.co.uk")
_PREFIXES = {
    "visa": ("4",), "mastercard": ("51", "55", "2223", "2720"), "amex": ("34", "37"), "discover": ("6011", "65"),
    "jcb": ("3528", "3589"), "diners": ("36", "38"), "maestro": ("6304", "5018"), "unionpay": ("62",),
}  # fmt: skip
_LENGTH = {"amex": 15, "diners": 14}
_BBAN = {
    "DE": "dddddddddddddddddd", "FR": "ddddddddddcccccccccccdd", "ES": "dddddddddddddddddddd", "NL": "aaaadddddddddd",
    "BE": "dddddddddddd", "AT": "dddddddddddddddd", "CH": "dddddcccccccccccc", "PL": "d" * 24, "PT": "d" * 21,
    "GB": "aaaadddddddddddddd", "IE": "aaaadddddddddddddd", "SE": "d" * 20, "NO": "d" * 11, "DK": "d" * 14,
    "FI": "d" * 14, "LU": "dddccccccccccccc", "CZ": "d" * 20, "MT": "aaaadddddcccccccccccccccccc",
    "SA": "ddcccccccccccccccccc", "TR": "dddddd" + "c" * 16, "BR": "d" * 23 + "ac", "AE": "d" * 19,
    "IT": "addddddddddcccccccccccc", "GR": "ddddddd" + "c" * 16,
}  # fmt: skip
_KINDS = {"d": "0123456789", "a": "ABCDEFGHKLMNPRST", "c": "0123456789"}


def luhn_digit(head: str) -> str:
    total = 0
    for place, char in enumerate(reversed(head)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def card(draw: Draw) -> str:
    brand = draw.choice(sorted(_PREFIXES))
    head = draw.choice(_PREFIXES[brand])
    head += _digits(draw, _LENGTH.get(brand, 16) - len(head) - 1)
    value = head + luhn_digit(head)
    forms = {15: ("F", "4 6 5", "4-6-5"), 14: ("E", "4 6 4")}.get(len(value), ("G", "4 4 4 4", "4-4-4-4", "4.4.4.4"))
    return _written(value, draw.choice(forms))


def iban(draw: Draw) -> str:
    country = draw.choice(sorted(_BBAN))
    bban = "".join(draw.choice(_KINDS[kind]) for kind in _BBAN[country])
    number = int("".join(str(int(char, 36)) for char in f"{bban}{country}00"))
    value = f"{country}{98 - number % 97:02d}{bban}"
    form = draw.choice(("whole", "spaced", "spaced", "small"))
    if form == "spaced":
        return " ".join(value[at : at + 4] for at in range(0, len(value), 4))
    return value.lower() if form == "small" else value


def rib(draw: Draw) -> str:
    """France: 97 - (89 bank + 15 branch + 3 account) modulo 97."""
    bank, branch, account = _digits(draw, 5), _digits(draw, 5), _digits(draw, 11)
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    return _written(f"{bank}{branch}{account}{key:02d}", draw.choice(("5 5 B 2", "J4")))


def bic(draw: Draw) -> str:
    banks, places = ("DEUT", "BNPA", "BBVA", "CHAS", "INGB", "AGRI"), ("DEFF", "FRPP", "ESMM", "US33", "NL2A")
    return draw.choice(banks) + draw.choice(places) + draw.choice(("", "XXX", "500"))


def routing(draw: Draw) -> str:
    while True:
        head = f"{draw.randint(1, 12):02d}{_digits(draw, 6)}"
        total = sum(int(char) * weight for char, weight in zip(head, (3, 7, 1, 3, 7, 1, 3, 7), strict=True))
        return f"{head}{-total % 10}"


def passport(draw: Draw) -> str:
    return draw.choice(
        (
            _digits(draw, 9),  # United States until 2021, United Kingdom
            _letters(draw, 1) + _digits(draw, 8),  # United States
            _digits(draw, 2) + _letters(draw, 2) + _digits(draw, 5),  # France
            draw.choice("CFGHJK") + "".join(draw.choice("CFGHJKLMNPRTVWXYZ0123456789") for _ in range(7)) + "7",
            _letters(draw, 3) + _digits(draw, 6),  # Spain
            _letters(draw, 2) + _digits(draw, 7),  # Italy, Poland, Canada with six
            _letters(draw, 2) + _digits(draw, 6),
        )
    )


def licence(draw: Draw) -> str:
    return draw.choice(
        (
            _letters(draw, 1) + _digits(draw, 7),  # California
            _letters(draw, 1) + _digits(draw, 12),  # Florida
            _digits(draw, 12),  # France since 2013
            _letters(draw, 5, _CONSONANTS) + f"{draw.randint(4, 9)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
            + _digits(draw, 1) + _letters(draw, 2) + "9" + _letters(draw, 2),  # United Kingdom
            _letters(draw, 1) + _digits(draw, 3) + _letters(draw, 1) + _digits(draw, 2) + _letters(draw, 1)
            + _digits(draw, 3),  # Germany
            _digits(draw, 8) + _letters(draw, 1),  # Spain: the DNI
            "U1" + _letters(draw, 1) + _digits(draw, 6) + _letters(draw, 1),  # Italy
            _digits(draw, 10),  # Netherlands
        )
    )  # fmt: skip


def plate(draw: Draw) -> str:
    letters = "ABCDEFGHJKLMNPRSTVWXYZ"
    return draw.choice(
        (
            f"{_letters(draw, 2, letters)}-{_digits(draw, 3)}-{_letters(draw, 2, letters)}",  # France, Italy
            f"{_letters(draw, 2, letters)} {_digits(draw, 3)} {_letters(draw, 2, letters)}",
            f"{draw.choice(('B', 'HH', 'M', 'KA', 'BOR'))}-{_letters(draw, 2)} {draw.randint(1, 9999)}",  # Germany
            f"{draw.choice(('B', 'HH', 'M', 'KA'))} {_letters(draw, 1)} {draw.randint(10, 9999)}",
            f"{_digits(draw, 4)} {_letters(draw, 3, _CONSONANTS)}",  # Spain
            f"{_digits(draw, 4)}{_letters(draw, 3, _CONSONANTS)}",
            f"{_letters(draw, 2, letters)}{draw.randint(2, 73):02d} {_letters(draw, 3, letters)}",  # United Kingdom
            f"{_digits(draw, 1)}{_letters(draw, 3)}{_digits(draw, 3)}",  # California
            f"{_letters(draw, 3)}-{_digits(draw, 4)}",  # Texas, New York
            f"{_letters(draw, 2)}-{_digits(draw, 3)}-{_letters(draw, 1)}",  # Netherlands
        )
    )


def vin(draw: Draw) -> str:
    """Europe's need no check digit; those of North America have one."""
    alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    return draw.choice(("WVW", "WBA", "VF1", "1HG", "JTD", "WDB")) + _letters(draw, 8, alphabet) + _digits(draw, 6)


def email(draw: Draw) -> str:
    return f"{draw.choice(_NAMES)}{draw.randint(1, 99)}@{draw.choice(_HOSTS)}"


def phone(draw: Draw) -> str:
    two = [_digits(draw, 2) for _ in range(4)]
    return draw.choice(
        (
            f"0{draw.choice('12345679')} {' '.join(two)}",
            f"06{''.join(two)}",
            f"+33 6 {' '.join(two)}",
            f"+33 (0)6 {' '.join(two)}",
            f"0151 {_digits(draw, 8)}",
            f"+49 170 {_digits(draw, 7)}",
            f"030 {_digits(draw, 3)} {_digits(draw, 4)}",
            f"0171/{_digits(draw, 7)}",
            f"+34 6{_digits(draw, 2)} {_digits(draw, 3)} {_digits(draw, 3)}",
            f"6{_digits(draw, 8)}",
            f"6{_digits(draw, 2)} {' '.join(two[:3])}",
            f"({draw.randint(201, 989)}) {draw.randint(200, 999)}-{_digits(draw, 4)}",
            f"{draw.randint(201, 989)}.{draw.randint(200, 999)}.{_digits(draw, 4)}",
            f"+1 {draw.randint(201, 989)} {draw.randint(200, 999)} {_digits(draw, 4)}",
            f"07{_digits(draw, 3)} {_digits(draw, 6)}",
            f"+44 7{_digits(draw, 3)} {_digits(draw, 6)}",
            f"020 7{_digits(draw, 3)} {_digits(draw, 4)}",
            f"+39 3{_digits(draw, 2)} {_digits(draw, 7)}",
            f"06-{_digits(draw, 8)}",
            f"+48 {_digits(draw, 3)} {_digits(draw, 3)} {_digits(draw, 3)}",
            f"+351 9{_digits(draw, 2)} {_digits(draw, 3)} {_digits(draw, 3)}",
            f"079 {_digits(draw, 3)} {' '.join(two[:2])}",
        )
    )


_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}


def birth(language: str) -> Maker:
    months = _MONTHS[language].split()

    def drawn(draw: Draw) -> str:
        day, month, year = draw.randint(1, 28), draw.choice(months), draw.randint(1935, 2012)
        number = months.index(month) + 1
        forms = [f"{day:02d}/{number:02d}/{year}", f"{year}-{number:02d}-{day:02d}", f"{day:02d}.{number:02d}.{year}"]
        forms += [f"{day:02d}-{number:02d}-{year}", f"{day}.{number}.{year % 100:02d}"]
        forms.append(
            {"en": f"{month} {day}, {year}", "de": f"{day}. {month} {year}", "es": f"{day} de {month} de {year}"}.get(
                language, f"{day} {month} {year}"
            )
        )
        if language == "en":
            forms += [f"{day} {month} {year}", f"{day} {month[:3]} {year}", f"{month[:3]} {day}, {year}"]
        if language == "fr":
            forms.append(f"1er {month} {year}")
        if language == "pt":
            forms.append(f"{day} de {month} de {year}")
        return draw.choice(forms)

    return drawn


def ip(draw: Draw) -> str:
    six = ":".join(f"{draw.randint(1, 65535):x}" for _ in range(6))
    return draw.choice(
        (
            f"{draw.choice((81, 91, 109, 188, 212))}.{draw.randint(1, 254)}.{draw.randint(1, 254)}."
            f"{draw.randint(1, 254)}",
            f"2a02:8109:{six}",
            f"2001:67c::{draw.randint(4096, 65535):x}:1",
        )
    )


def mac(draw: Draw) -> str:
    pairs = [f"{draw.randint(0, 255):02x}" for _ in range(6)]
    joined = "".join(pairs)
    return draw.choice((":".join(pairs), "-".join(pairs).upper(), f"{joined[:4]}.{joined[4:8]}.{joined[8:]}"))


def gps(draw: Draw) -> str:
    lat, lon = draw.uniform(36, 60), draw.uniform(-9, 20)
    return draw.choice(
        (
            f"{lat:.5f}, {lon:.5f}",
            f"{lat:.6f},{lon:.6f}",
            f"{int(lat)}°{draw.randint(0, 59)}'{draw.uniform(0, 59):.1f}\"N {int(abs(lon))}°{draw.randint(0, 59)}'"
            f'{draw.uniform(0, 59):.1f}"E',
            f"{lat:.5f}° N, {abs(lon):.5f}° E",
        )
    )


def record(draw: Draw) -> str:
    return draw.choice(
        (
            _digits(draw, 7),
            f"MR-{_digits(draw, 6)}",
            f"{_letters(draw, 1)}{_digits(draw, 8)}",
            f"{_digits(draw, 4)}-{_digits(draw, 4)}",
        )
    )


def policy(draw: Draw) -> str:
    return draw.choice(
        (
            f"{_letters(draw, 3)}{_digits(draw, 8)}",
            _digits(draw, 9),
            f"{_letters(draw, 2)}-{_digits(draw, 6)}",
            f"{_digits(draw, 3)}-{_digits(draw, 6)}-{_digits(draw, 2)}",
        )
    )


def prescription(draw: Draw) -> str:
    return draw.choice((_digits(draw, 7), f"RX{_digits(draw, 6)}", f"RX-{_digits(draw, 7)}", _digits(draw, 12)))


OTHERS: dict[str, Maker] = {
    "passport": passport, "licence": licence, "plate": plate, "vin": vin, "card": card, "iban": iban, "rib": rib,
    "bic": bic, "account": lambda d: _digits(d, d.choice((7, 8, 10, 12))), "routing": routing, "email": email,
    "phone": phone, "ip": ip, "mac": mac, "gps": gps, "mrn": record, "insurance": policy,
    "prescription": prescription,
}  # fmt: skip
__all__ = ["OTHERS", "_date", "birth", "valid"]
