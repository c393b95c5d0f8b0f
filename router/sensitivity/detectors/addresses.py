"""Postal addresses: a street with a number, the way each language writes it; a place name alone is no address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain

from router.sensitivity.around import Around
from router.sensitivity.cues import words
from router.sensitivity.detector import Span
from router.sensitivity.detectors.address_forms import ANCHORS, BEGINNINGS, FIELDS, PATTERNS, TRIGGERS
from router.sensitivity.patterns import PATTERN_MEMORY, Pattern
from router.sensitivity.view import View

# A pattern with many kinds of street needs more memory: with less, its automaton starts again and again.
_LONG, _MEMORY = 700, 3 << 20  # characters; bytes
# A number behind the one or before the other is none of a house, and no postcode.
_NO_STREET = re.compile(
    r"(?:version|section|chapter|table|figure|fig|match|page|step|part|class|grade|level|day|year|week|round|"
    r"episode|season|order|python|windows|covid|flight|room|boeing|article|volume|phase|unit|number|price|model|"
    r"klasse|kapitel|seite|tabelle|abbildung|spiel|tag|jahr|woche|runde|zug|flug|teil|schritt|artikel|nummer|"
    r"preis|linie|gleis|chapitre|partie|tableau|etape|jour|match|vol|annee|semaine|niveau|classe|numero|prix|"
    r"ligne|capitulo|tabla|pagina|paso|parte|partido|dia|ano|semana|minuto|nivel|clase|precio|linea|in|en|the) \d",
    re.IGNORECASE,
)
_NO_TOWN = re.compile(
    r"\d (?:users?|euros?|dollars?|pounds?|rupees?|records?|cases|people|persons?|different|"
    r"times|degrees|percent|meters|feet|miles|steps?|fans|lines|pieces|samples|"
    r"points|items|words|copies|jobs|tonnes|hours|years|personnes|habitants|metres|kilometres|exemplaires|mots|heures|einwohner|"
    r"menschen|fahrgaste|stuck|worter|meter|kilometer|stunden|personas|habitantes|kilometros|metros|aficionados|palabras|horas|"
    r"casos|fall|falle|as|build)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"[A-Za-z]{3}.*[ ,]\d{1,5}[A-Za-z]?\b|\b\d{1,6}[A-Za-z]?,? .*[A-Za-z]{3}", re.DOTALL)
_NO_PLACE = re.compile(
    r"(?:ip|mac|e-?mail|web|wallet|memory|bitcoin|ethernet|url|internet|host|server|v[46]|bus)[ _-]?\Z",
    re.IGNORECASE,
)
_CUES = words(
    "address|addresses|live in|lived in|moved|taxi to|drive to|meet you at|meet at|pick (?:me|him|her|us) up at|"
    "stop at|corner of|live at|lives at|living at|residing at|resides at|located at|ship|shipped|ship it to|"
    "deliver|delivery|mail to|sent to|send it to|moved to|"
    "office is at|home is|location|billing",
    "adresse|habite|habitant|demeurant|domicilie|domicile|livraison|livrer|situe|residant|envoyer a",
    "wohnhaft|wohnt|wohne|anschrift|lieferung|liefern|lieferadresse|wohnung in|geliefert",
    "direccion|domicilio|vive en|vivo en|reside|entregar|entrega|enviar a|residente",
)


# `2572 Nov 15`, as a listing of files has it.
_DATED = re.compile(r"\d{1,10} {1,3}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}\b")


def _compiled(pattern: str | tuple[str, ...]) -> Pattern | Around:
    anchor = ANCHORS.get(pattern)
    if isinstance(pattern, tuple):
        return Around([Pattern(each, _MEMORY) for each in pattern], ANCHORS[pattern])
    if anchor is None:
        anchor = next((each for each in BEGINNINGS if pattern.startswith(each.pattern)), None)
    if anchor is None:
        return Pattern(pattern, _MEMORY if len(pattern) >= _LONG else PATTERN_MEMORY)
    return Around((Pattern(pattern, _MEMORY if anchor.before else PATTERN_MEMORY),), anchor)


class AddressDetector:
    name = "addresses"
    triggers = TRIGGERS

    def __init__(self) -> None:
        self._forms: list[list[tuple[int, Pattern | Around, float]]] = [[] for _ in TRIGGERS]
        for wakes, pattern, confidence in PATTERNS:
            self._forms[wakes].append((wakes, _compiled(pattern), confidence))

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        data, size = view.data, len(view.data)
        for wakes, pattern, confidence in chain.from_iterable(self._forms[hit] for hit in hits):
            search = pattern.search if isinstance(pattern, Pattern) else partial(pattern.search, view.budget)
            position = 0
            view.budget.spend_pass(size)
            while position < size and (match := search(data, position, size)) is not None:
                view.budget.spend(5)
                start, end, _, _ = match
                if not view.text[start].isalnum():
                    start += 1
                position = max(end, position + 1)
                if (start > 0 and view.text[start - 1].isalnum()) or _DATED.match(view.text, start) is not None:
                    continue
                found = view.text[start:end]
                if _counted(found) or (wakes == FIELDS and not _is_place(found, view.before(start, 12))):
                    continue
                cued = _CUES.search(view.before(start, 60)) is not None
                yield Span(start, end, "ADDRESS", min(confidence + (0.3 if cued else 0.0), 0.95))


def _counted(found: str) -> bool:
    """Whether its numbers count something: *Version 14, 10000 Users*."""
    return _NO_STREET.match(found) is not None or _NO_TOWN.search(found) is not None


def _is_place(found: str, before: str) -> bool:
    """Whether behind the word *address* there is one of a house, not of a machine, a mailbox or a program."""
    return _PLACE.search(found) is not None and _NO_PLACE.search(before) is None and "0x" not in found


ADDRESSES = AddressDetector()
