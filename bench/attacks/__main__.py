"""How many disguised values are found, by disguise and kind.

    python -m bench.attacks [COUNT]

COUNT values of each kind and sentence (4). No row of any data set is read. A value is found if a finding overlaps it;
spread over fields, if the body holds any finding.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict

from bench.attacks.disguises import DISGUISES, FIELDS, in_fields
from bench.identifiers.__main__ import interval
from bench.identifiers.numbers import NATIONAL
from bench.identifiers.others import OTHERS
from router.content import content_of, content_of_text
from router.sensitivity.scanner import Scanner

_SENTENCES = {
    "email": ("Write to {} today.", "Mon adresse : {}", "Schick es an {}", "mi correo es {}"),
    "iban": ("Pay into {}.", "IBAN {}", "Überweise auf {}", "transfiere a {} el lunes"),
    "card": ("Charge {}.", "numéro de carte {}", "Kreditkarte {}", "la tarjeta {}"),
    "us.ssn": ("SSN {}", "my social security number is {}."),
    "fr.nir": ("mon NIR : {}", "numéro de sécurité sociale {}"),
    "de.idnr": ("Steuer-ID {}", "meine Steueridentifikationsnummer ist {}"),
    "es.dni": ("DNI {}", "mi DNI es {}"),
    "phone": ("call me on {}", "mon téléphone : {}", "Handy {}", "mi móvil es {}"),
}
_PHONES = ("+33 6 12 34 56 78", "+49 170 2938475", "+34 612 345 678", "+1 612 555 0147")


def values(kind: str, draw: random.Random) -> str:
    if kind == "phone":
        return draw.choice(_PHONES)
    return (NATIONAL | OTHERS)[kind](draw)


def main(count: int, verbose: bool) -> None:
    scanner, draw = Scanner.default(), random.Random(3)
    groups: dict[str, list[bool]] = defaultdict(list)
    kinds: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for name, disguise in DISGUISES.items():
        for kind, sentences in _SENTENCES.items():
            for sentence in sentences:
                for _ in range(count):
                    hidden = disguise(values(kind, draw))
                    text = sentence.format(hidden)
                    start = text.index(hidden)
                    scan = scanner.scan(content_of_text(text))
                    found = any(each.start < start + len(hidden) and start < each.end for each in scan.findings)
                    groups[name].append(found)
                    kinds[name][kind].append(found)
                    if verbose and not found:
                        print("missed", name, kind, repr(text))
    for kind in _SENTENCES:
        for _ in range(count):
            value = values(kind, draw)
            for name, body in zip(FIELDS, in_fields(value), strict=True):
                found = bool(scanner.scan(content_of(body)).findings)
                groups[name].append(found)
                kinds[name][kind].append(found)
                if verbose and not found:
                    print("missed", name, kind, body)
    for name, each in groups.items():
        missed = {kind: round(sum(some) / len(some), 2) for kind, some in kinds[name].items() if not all(some)}
        print(f"{name:<26} {interval(sum(each), len(each))} {missed or ''}")
    everything = [found for each in groups.values() for found in each]
    print(f"{'ALL':<26} {interval(sum(everything), len(everything))}")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 4, "-v" in sys.argv)
