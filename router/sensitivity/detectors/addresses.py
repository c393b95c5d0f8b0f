"""Postal addresses: a street with a number, the way each language writes it; a place name alone is no address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from router.sensitivity.around import Anchor, Around
from router.sensitivity.cues import words
from router.sensitivity.detector import Shape, Span
from router.sensitivity.patterns import PATTERN_MEMORY, Pattern
from router.sensitivity.view import View

_W = r"[A-Z][A-Za-z'.-]{1,24}"
_W_ANY = r"[A-Za-z][A-Za-z'.-]{0,24}"
_NUMBER = r"\d{1,5}(?:[ -]?(?:bis|ter|[A-Za-z]))?\b"
_EN_TYPE = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|"
    r"Terrace|Ter|Way|Parkway|Pkwy|Highway|Hwy|Circle|Cir|"
    r"Trail|Trl|Close|Crescent|Cres|Grove|Gardens|Mews|Row|Alley|Loop|Ferry|Ridge|Mission|Heights|"
    r"Hills?|Crossing|Plaza|Pike|Path|Run|View|Walks?|"
    r"Landing|Manor|Meadows?|Mills?|Mount|Mountain|Oval|Park|Pass|Point|Ports?|Prairie|Ranch|River|"
    r"Shoals?|Shores?|Springs?|Spurs?|Station|Stream|"
    r"Summit|Throughway|Track|Trace|Tunnel|Turnpike|Underpass|Union|Valleys?|Viaduct|Villages?|Ville|"
    r"Vista|Wall|Wells?|Bridge|Brook|Burgs?|Bypass|Camp|"
    r"Canyon|Cape|Causeway|Centers?|Cliffs?|Club|Common|Corners?|Course|Cove|Creek|Crest|Dale|Dam|"
    r"Divide|Estates?|Expressway|Extensions?|Falls?|Fields?|"
    r"Flats?|Fords?|Forest|Forges?|Forks?|Fort|Freeway|Gateway|Glens?|Greens?|Harbors?|Haven|Hollow|"
    r"Inlet|Islands?|Isle|Junctions?|Keys?|Knolls?|Lakes?|"
    r"Lights?|Locks?|Lodge|Motorway|Neck|Orchard|Overpass)\b\.?"
)
_FR_TYPE = (
    r"(?:rue|avenue|av\.|boulevard|bd|blvd|chemin|place|allee|impasse|route|quai|cours|square|passage|"
    r"ruelle|sentier|faubourg|villa|residence|hameau|lotissement|"
    r"lieu-dit|esplanade|promenade|voie)"
)
_DE_TYPE = (
    r"(?:strasse|strase|str\.|straße|weg|platz|allee|gasse|ring|damm|ufer|steig|stieg|pfad|hof|"
    r"chaussee|berg|graben|markt|promenade|wall|kamp|heide)"
)
_DE_WORD = r"[A-Z][A-Za-z-]{2,40}"
_ES_TYPE = (
    r"(?:calle|c/|avenida|avda?\.|av\.|plaza|pza\.|pl\.|paseo|p\.o|camino|carretera|ctra\.|ronda|"
    r"travesia|glorieta|via|cuesta|callejon|pasaje|rambla|urbanizacion|"
    r"alameda|canada|poligono|rua|largo|travessa|praca|viale|vicolo|piazza|corso|strada|ul\.|ulica|via)"
)
_UNIT = (
    r"(?:,? {0,2}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|App|Appt|Bat|Wohnung|Piso|Puerta|"
    r"Esc)\.? ?#?[A-Za-z0-9-]{1,6}\.?)?"
)
_POST = (
    r"(?:[,.]? {0,3}\n? {0,3}(?:[A-Z]{1,2}-)?\d{4,5}(?:-\d{4})? " + _W + r"(?:[ -]" + _W + r"){0,3}"  # 75011 Paris
    r"|[,.]? {0,3}\n? {0,3}"
    + _W
    + r"(?:[ -]"
    + _W_ANY
    + r"){0,3},? {1,2}(?:[A-Z]{2},? )?\d{4,5}(?:-\d{4})?"  # Boston, MA 02110 / Soria, 06565
    r"|,? {0,2}\n?" + _W + r",? [A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}"  # London SW1A 1AA
    r"|, {0,2}" + _W + r"(?: " + _W + r"){0,2}(?:, [A-Z]{2}\b)?)?"
)
_DE_STREET = (
    rf"\b(?:{_DE_WORD} |{_W}[A-Za-z-]{{0,40}}-?)(?i:{_DE_TYPE}) {_NUMBER}(?:[/-]\d{{1,3}})?"
    rf"(?:,? {{0,2}}\n? ?(?:D-)?\d{{5}} {_DE_WORD}(?: {_DE_WORD}){{0,3}})?"
)
_ANCHORS = {_DE_STREET: Anchor(rf"(?i:{_DE_TYPE}) \d", 66, 240)}
# A pattern with many kinds of street needs more memory: with less, its automaton starts again and again.
_LONG, _MEMORY = 700, 2 << 20  # characters; bytes
# Number of the trigger that wakes it, pattern, confidence without a cue.
_PATTERNS: tuple[tuple[int, str, float], ...] = (
    # 9862 Spruce Ave, Salem, CA 63593 · 1234 Elm St, Boston
    (
        0,
        rf"\d{{1,6}}[A-Za-z]? (?:(?:North|South|East|West|N|S|E|W|NE|NW|SE|SW)\.? )?(?:\d{{1,5}}(?:st|"
        rf"nd|rd|th)?|{_W})(?: {_W}){{0,3}} {_EN_TYPE}{_UNIT}{_POST}",
        0.7,
    ),
    # 12 bis, rue de la Paix, 75002 Paris · boulevard de Langlois, 32309 Sainte Josette
    (
        1,
        rf"(?i:\d{{1,5}}(?: ?(?:bis|ter|quater|[a-d]))?,? {_FR_TYPE}) (?:(?:de|du|des|la|le|les|d'|l'|"
        rf"aux?) ?){{0,3}}{_W}(?:[ -]{_W_ANY}){{0,4}}{_POST}",
        0.75,
    ),
    (
        1,
        rf"(?i:\b{_FR_TYPE}) (?:(?:de|du|des|la|le|les|d'|l'|aux?) ?){{0,3}}{_W}(?:[ "
        rf"-]{_W_ANY}){{0,4}},? {{0,2}}\n?\d{{5}} {_W}(?:[ -]{_W_ANY}){{0,4}}",
        0.75,
    ),
    # Hauptstr. 5, 10115 Berlin · Loni-Stey-Ring 2 · Am Markt 3
    (2, _DE_STREET, 0.65),
    (0, rf"\b(?:{_W}[ -]){{1,3}}\d{{1,4}}[a-z]?(?:[/-]\d{{1,3}})?,? {{0,2}}\n? ?(?:D-)?\d{{5}} {_DE_WORD}", 0.7),
    # Calle Mayor 12, 3 B, 28013 Madrid · C/ Serrano, 27 · Via Roma 3 · ul. Cicha 86
    (
        3,
        rf"(?i:(?:\b|\d{{1,5}} ){_ES_TYPE}) ?(?:(?:de|del|la|las|los|el|do|da|dos|van|von) "
        rf"){{0,3}}{_W}(?:[ -]{_W_ANY}){{0,4}},? {{0,2}}(?:n[.o]{{0,2}} ?)?{_NUMBER}"
        rf"(?:, ?\d{{1,2}} ?[A-Z]?\b)?{_UNIT}{_POST}",
        0.75,
    ),
    (3, rf"\d{{1,5}} (?i:{_ES_TYPE}) (?:(?:de|del|la|las|los|el) ){{0,2}}{_W}(?: {_W}){{0,3}}", 0.6),
    # whatever the street is called: number … Apt. 12 / Suite 490, and the town
    (
        4,
        rf"\d{{1,6}} (?:{_W_ANY} ){{1,5}}\d{{0,5}} ?\n? {{0,2}}(?:Apt|Suite|Ste|Unit|apt|"
        rf"suite)\.? ?\d{{1,5}}(?:[ \n,]{{1,4}}{_W_ANY}(?:[ \n,-]{{1,4}}{_W_ANY}){{0,4}}(?:[ "
        rf"\n,]{{1,4}}\d{{4,5}})?)?",
        0.7,
    ),
    (
        4,
        # United States forces: APO, FPO, DPO (USPS Publication 28, 225)
        r"(?i)\b(?:(?:PSC|Unit|CMR|USS|USNS|USNV|USCGC) [A-Za-z0-9 ,.'-]{1,40}[\n ,]{1,3})?"
        r"(?:APO|FPO|DPO),? A[AEP],? \d{5}",
        0.85,
    ),
    (
        4,
        r"\b(?:P\.? ?O\.? ?Box|Postfach|Boite postale|BP|Apartado(?: de correos)?) \d{1,6}\b(?:,? [A-Z][A-Za-z-]+)?",
        0.4,
    ),
    # Tungata 11 Rott Crossroad, Apt. 322
    (
        4,
        rf"\b{_W}(?: {_W_ANY}){{0,3}} \d{{1,5}}(?: {_W}){{0,3}},? {{0,2}}\n? {{0,2}}(?:Apt|Suite|Ste)\.? ?\d{{1,5}}",
        0.6,
    ),
    # the corner of … and …
    (
        5,
        rf"(?i:\b(?:corner of|junction of|coin de|angle de|ecke|esquina de)) (?:the |la |der |l')?(?:\d{{1,5}} )?{_W}"
        rf"(?:[ .-]{{1,2}}{_W_ANY}){{0,4}}(?: \d{{1,5}}\.?)?(?: St\.)? (?:and|et|und|y|con) (?:\d{{1,5}} )?{_W}"
        rf"(?: {_W_ANY}){{0,3}}(?: \d{{1,5}})?",
        0.6,
    ),
    # a number and a capitalised name with a second number: only where a word says address
    (0, rf"\d{{1,6}} {_W}(?: {_W_ANY}){{0,4}} \d{{1,5}}(?:[,\n ]{{1,4}}{_W}(?: {_W_ANY}){{0,2}})?", 0.3),
    (
        0,
        rf"\d{{1,6}} {_W}(?: {_W_ANY}){{0,3}}(?:,? {{0,2}}\n? ?{_W}(?: {_W}){{0,2}})?,? (?:[A-Z]{{2}} )?\d{{4,5}}\b",
        0.35,
    ),
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


def _compiled(pattern: str) -> Pattern | Around:
    compiled = Pattern(pattern, _MEMORY if len(pattern) >= _LONG else PATTERN_MEMORY)
    return Around(compiled, _ANCHORS[pattern]) if pattern in _ANCHORS else compiled


class AddressDetector:
    name = "addresses"
    triggers = (
        Shape(r"\d[A-Za-z]{0,3},? {1,2}[A-Z]"),
        rf"(?i:\b{_FR_TYPE} )",
        rf"(?i:{_DE_TYPE} )\d",
        rf"(?i:\b{_ES_TYPE}) ?[A-Za-z]",
        r"(?i)\b(?:apt|suite|ste|unit|box|postfach|boite|bp|apartado|psc|apo|fpo|dpo)\b",
        r"(?i)\b(?:corner|junction|coin|angle|ecke|esquina)\b",
    )

    def __init__(self) -> None:
        self._patterns = tuple((wakes, _compiled(pattern), confidence) for wakes, pattern, confidence in _PATTERNS)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        data, size = view.data, len(view.data)
        for wakes, pattern, confidence in self._patterns:
            if wakes not in hits:
                continue
            search = pattern.search if isinstance(pattern, Pattern) else partial(pattern.search, view.budget)
            position = 0
            view.budget.spend_pass(size)
            while position < size and (match := search(data, position, size)) is not None:
                view.budget.spend(5)
                start, end, _, _ = match
                position = max(end, position + 1)
                if start > 0 and view.text[start - 1].isalnum():
                    continue
                cued = _CUES.search(view.before(start, 60)) is not None
                yield Span(start, end, "ADDRESS", min(confidence + (0.3 if cued else 0.0), 0.95))


ADDRESSES = AddressDetector()
