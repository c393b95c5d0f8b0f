"""Plants: made-up values that must not travel, each with a harmless twin of the same place in a sentence.

A value is drawn anew for each case, so what is found anywhere says which case let it out. Those of numbers pass their
checksums.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

_CAPITALS = string.ascii_uppercase
_ALNUM = string.ascii_letters + string.digits
_NAMES = "ines jonas amelie tomasz lucia bjorn carmen pieter".split()  # noqa: SIM905
_SURNAMES = "kowalczyk lindqvist moreau baumgartner ferreira vandamme".split()  # noqa: SIM905
_TWINS = ("the blue garden", "a quiet harbour", "the old lighthouse", "some green apples", "a paper boat")


@dataclass(frozen=True, slots=True)
class Plant:
    """`value` must stay at home, `twin` may go anywhere; `mark` is in the twin's words and in no other text."""

    kind: str
    value: str
    twin: str
    mark: str


def plant(kind: str, seed: int) -> Plant:
    """The same for the same seed."""
    random = Random(f"{kind} {seed}")
    mark = "".join(random.choices("gklmnprst", k=6)) + "".join(random.choices("aiou", k=3))
    return Plant(kind, KINDS[kind](random), f"{random.choice(_TWINS)} {mark}", mark)


def _digits(random: Random, count: int) -> str:
    return "".join(random.choices(string.digits, k=count))


def _in_fours(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _card(random: Random) -> str:
    """ISO/IEC 7812, annex B: the last digit makes the sum right."""
    digits = "4970" + _digits(random, 11)
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(digits)]
    total = sum(n - 9 if n > 9 else n for n in doubled)
    return _in_fours(digits + str(-total % 10))


def _iban(random: Random) -> str:
    """ISO 13616; Germany's has 22 characters."""
    account = _digits(random, 18)
    check = 98 - int(account + "131400") % 97
    return f"DE{check:02d}{account}"


def _email(random: Random) -> str:
    return f"{random.choice(_NAMES)}.{random.choice(_SURNAMES)}{_digits(random, 5)}@{random.choice(_SURNAMES)}.net"


def _nir(random: Random) -> str:
    """The French social security number: 13 digits and 97 less their remainder."""
    number = f"{random.choice('12')}{random.randint(40, 99):02d}{random.randint(1, 12):02d}75116{_digits(random, 3)}"
    return f"{number}{97 - int(number) % 97:02d}"


def _cloud_key(random: Random) -> str:
    return "AKIA" + "".join(random.choices(_CAPITALS + "234567", k=16))


def _token(random: Random) -> str:
    return "ghp_" + "".join(random.choices(_ALNUM, k=36))


KINDS: Mapping[str, Callable[[Random], str]] = {
    "card": _card,
    "iban": _iban,
    "email": _email,
    "nir": _nir,
    "cloud key": _cloud_key,
    "token": _token,
}
