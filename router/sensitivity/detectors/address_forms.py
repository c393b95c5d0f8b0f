"""Forms of postal addresses: how each country writes street, number, side, postcode and town. RE2; text is folded."""

from __future__ import annotations

from router.sensitivity.around import Anchor
from router.sensitivity.detector import Shape

FIELDS = 9  # number of the trigger that words wake behind which an address is written
_REACH = 400  # characters of an address, at most
# Before a number, which is tried at the first of its digits alone; no part of the address.
_BREAK_BEFORE = "(?:^|[^A-Za-z0-9])"
_W = r"[A-Z][A-Za-z'.-]+"
_W_ANY = r"[A-Za-z][A-Za-z'.-]*"
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
_NORTH_TYPE = r"(?:straat|gracht|laan|plein|kade|dijk|singel|gatan|gade|veien|vagen|katu|polku)"
_DE_WORD = r"[A-Z][A-Za-z-]{2,}"
_ES_TYPE = (
    r"(?:calle|c/|avenida|avda?\.|av\.|plaza|pza\.|pl\.|paseo|p\.o|camino|carretera|ctra\.|ronda|"
    r"travesia|glorieta|via|cuesta|callejon|pasaje|rambla|urbanizacion|"
    r"alameda|canada|poligono|carrer|passeig|rua|largo|travessa|praca|viale|vicolo|piazza|corso|strada|ul\.|ulica|via)"
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
# Whatever a street is called: a house number, and a line of postcode and town. No year is taken for four digits.
_CODE = (
    r"(?:[A-Z]{1,3}-)?(?:\d{5,6}|(?:1[0-8]|2[1-9]|[3-9]\d)\d{2}(?: ?[A-Z]{2})?"
    r"|1\d{3} ?[A-Z]{2}|\d{2}-\d{3}|\d{4}-\d{3}|"
    r"\d{3} \d{2})"
)
_CODE_TOWN = rf"{_CODE} {{1,2}}{_W}(?:[ -]{_W}){{0,2}}"
_HOUSE = r"(?:\d{1,5}(?: ?[A-Za-z]\b|[-/.][A-Za-z0-9]{1,4}){0,2}|[Ss]/[Nn])(?: ?\([A-Za-z ]{2,15}\))?"
_SIDE = (
    r"(?:,? {0,2}(?:(?:bus|bte|boite|box|App|Appt|Apt|Bat|Esc|Piso|Puerta|bajo"
    r"|entlo|atico|Top|Stiege|Stock|lok|m|D|apto|"
    r"sala|parcela|bloque|dpto)\b\.?:? ?[A-Za-z0-9/-]{0,5}|\d{1,3}[a-z.]{0,3}(?: ?-?[A-Za-z]{1,4}\b\.?){0,2})){0,2}"
)
# A number, hardly more than the side of a stair, and a postcode with a capital behind it.
_CODE_SHAPE = r"(?:\d{4,6}|\d{4} ?[A-Z]{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2}) {1,2}[A-Z][A-Za-z]"
_BREAK = r"(?:,? {1,2}\n? {0,3}|,?\n {0,3}| ?[,;/|-] ?)"
_STATE_CODE = r"(?:[A-Z]{2},? \d{5}(?:-\d{4})?|(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT) \d{4}|-? ?\d{6})\b"
_OUTWARD = r"[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}\b"  # United Kingdom
_NAMED_PLACE = (
    r"(?i:residence|lotissement|hameau|domaine|clos|mas|urb\.|urbanizacion|partida"
    r"|bda\.|barriada|finca|gut|gehoft|quinta|villa)"
)
_FIELD = (
    r"(?:(?:home|postal|street|delivery|shipping|billing|mailing|private)[ _-]?address"
    r"|address|adresse|anschrift|wohnadresse|"
    r"domicilio|direccion|domicile|indirizzo|adres|morada|endereco)"
)
_LIVES = (
    r"(?:lives? at|lived at|living at|residing at|resides at|address is|my address:?|habite au|demeurant au|demeurant)"
)
TRIGGERS: tuple[str, ...] = (
    Shape(r"\d[A-Za-z]{0,3},? {1,2}[A-Z]"),
    rf"(?i:\b{_FR_TYPE} )",
    rf"(?i:(?:{_DE_TYPE}|{_NORTH_TYPE}) )\d",
    rf"(?i:\b{_ES_TYPE}) ?[A-Za-z]",
    r"(?i)\b(?:apt|suite|ste|unit|box|postfach|boite|bp|apartado|psc|apo|fpo|dpo|cs|postbus|casella|rr|hc)\b",
    r"(?i)\b(?:corner|junction|coin|angle|ecke|esquina)\b",
    Shape(_CODE_SHAPE),
    Shape(r"(?:[A-Za-z],? {1,2}[A-Z]{2,3},? \d{4,5}|[a-z] (?:- ?)?\d{6})\b"),
    Shape(r"\b[A-Z]{1,2}\d[A-Z0-9]? ?\d[A-Z]{2}\b"),
    rf"(?i:\b(?:{_FIELD}\b[\"']? ?[:=]|{_LIVES} \d))",
)
_WITH_SUITE = (
    rf"{_BREAK_BEFORE}\d{{1,6}} (?:{_W_ANY} ){{1,5}}\d{{0,5}} ?\n? {{0,2}}(?:Apt|Suite|Ste|Unit|apt|"
    rf"suite)\.? ?\d{{1,5}}(?:[ \n,]{{1,4}}{_W_ANY}(?:[ \n,-]{{1,4}}{_W_ANY}){{0,4}}(?:[ "
    rf"\n,]{{1,4}}\d{{4,5}})?)?"
)
_BEFORE_SUITE = (
    rf"\b{_W}(?: {_W_ANY}){{0,3}} \d{{1,5}}(?: {_W}){{0,3}},? {{0,2}}\n? {{0,2}}(?:Apt|Suite|Ste)\.? ?\d{{1,5}}"
)
_DE_STREET = (
    rf"\b(?:{_DE_WORD} |{_W})(?i:{_DE_TYPE}|{_NORTH_TYPE}) {_NUMBER}(?:[/-]\d{{1,3}})?"
    rf"(?:,? {{0,2}}\n? ?(?:D-)?\d{{5}} {_DE_WORD}(?: {_DE_WORD}){{0,3}})?"
)
# Three alternatives of one pattern, each with an automaton of its own: together they would need eight megabytes.
_WITH_CODE = (
    rf"\b{_W}(?:[ -]{_W_ANY}){{0,4}},? (?:[Nn][o.]{{0,2}}:? ?)?{_HOUSE}{_SIDE}{_BREAK}{_CODE_TOWN}",
    rf"\b\d{{1,5}}(?: ?(?:bis|ter|[a-d]))?,? (?:[a-z'.-]+ ){{0,4}}(?:[a-z'.-]+ ?)?{_W}(?:[ -]{_W_ANY}){{0,4}}{_SIDE}"
    rf"(?:, ?\n?|\n){_CODE_TOWN}",
    rf"\b{_NAMED_PLACE} {_W_ANY}(?: {_W_ANY}){{0,3}}(?:, ?[A-Za-z. ]{{1,8}}[0-9A-Z]{{0,3}})?,? {_CODE_TOWN}",
)
_WITH_STATE = (
    rf"\b[A-Z]?\d{{1,6}}[A-Za-z]?,? [A-Z0-9][A-Za-z0-9.'# ,-]{{1,60}}(?:, ?\n?"
    rf"|\n)(?:{_W}(?: {_W}){{0,2}}, )?{_W}(?: {_W}){{0,2}},? "
    rf"{_STATE_CODE}"
)
_WITH_OUTWARD = (
    rf"\b[A-Z][A-Za-z0-9' .-]{{2,40}}(?:,|\n)(?: ?[A-Z][A-Za-z' .-]{{2,30}}[,\n]){{1,3}}"
    rf" ?(?:{_W} ){{0,2}}{_OUTWARD}"
)
_BEHIND_FIELD = (
    rf"(?i:\b{_FIELD}\b[\"']? ?[:=])[ \t]{{0,6}}\n?[\"']?[A-Za-z0-9][^\n:;|{{}}@<>=\"]{{5,80}}"
    rf"|(?i:\b{_LIVES}) \d{{1,6}}[a-z]?,? [a-z][^\n.]{{3,60}}"
)
# What may begin at any word, and so takes far more states than memory, is looked for around what ends or begins it.
ANCHORS: dict[str | tuple[str, ...], Anchor] = {
    _DE_STREET: Anchor(rf"(?i:{_DE_TYPE}|{_NORTH_TYPE}) \d", 66, 240),
    _WITH_CODE: Anchor(rf"\b{_CODE} {{1,2}}[A-Z]", 280, 100, 6),
    _WITH_STATE: Anchor(r"(?:[A-Z]{2},? \d{5}|[A-Z]{2,3} \d{4}|[^0-9]\d{6})\b", 240, 20, 4),
    _WITH_OUTWARD: Anchor(rf"\b{_OUTWARD}", 200, 10, 4),
    _BEHIND_FIELD: Anchor(TRIGGERS[FIELDS], 0, 140, 2),
    _WITH_SUITE: Anchor(rf"{_BREAK_BEFORE}\d{{1,6}} [A-Za-z]", 0, _REACH),
    _BEFORE_SUITE: Anchor(r"(?:Apt|Suite|Ste)\.? ?\d", 220, 20),
}
# Others are tried where they begin so, and nowhere else.
BEGINNINGS = tuple(
    Anchor(beginning, 0, _REACH)
    for beginning in (
        rf"(?i:\d{{1,5}}(?: ?(?:bis|ter|quater|[a-d]))?,? {_FR_TYPE}) ",
        rf"(?i:\b{_FR_TYPE}) ",
        rf"(?i:(?:\b|\d{{1,5}} ){_ES_TYPE}) ?",
        rf"\d{{1,5}} (?i:{_ES_TYPE}) ",
        r"(?i:\b(?:corner of|junction of|coin de|angle de|ecke|esquina de)) ",
    )
)
# Number of the trigger that wakes it, pattern, confidence without a cue.
PATTERNS: tuple[tuple[int, str | tuple[str, ...], float], ...] = (
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
    # Hauptstr. 5, 10115 Berlin · Loni-Stey-Ring 2 · Am Markt 3 · Dorpsstraat 15 · Storgatan 12
    (
        2,
        _DE_STREET,
        0.65,
    ),
    # Keizersgracht 241, 1016 EA Amsterdam · Rue du Rhône 14, CH-1204 Genève · os. Słoneczne 14 m. 8, 31-958 Kraków
    # 3 montée de la Grande Côte, 69001 Lyon
    # Résidence Les Acacias, bât. B, 33000 Bordeaux
    (
        6,
        _WITH_CODE,
        0.7,
    ),
    # 88 N 400 W, Provo, UT 84601 · 12 Wattle Street, Ultimo NSW 2007 · 14, MG Road, Bengaluru 560001
    (
        7,
        _WITH_STATE,
        0.7,
    ),
    # Rose Cottage, Church Lane, Little Snoring, NR21 0HW
    (
        8,
        _WITH_OUTWARD,
        0.65,
    ),
    # a letter box, with its town
    (
        4,
        rf"(?i:\b(?:P\.? ?O\.? ?Box|Postfach|Boite postale|BP|CS|Apartado(?: de correos)?|Postbus|Casella postale|Case "
        rf"postale|RR|HC)) \d{{1,6}}(?:(?: Box)? \d{{1,6}}){{0,2}}{_BREAK}(?:{_CODE_TOWN}"
        rf"|{_W}(?: {_W}){{0,2}},? [A-Z]{{2}} \d{{5}})",
        0.6,
    ),
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
        _WITH_SUITE,
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
        _BEFORE_SUITE,
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
    # whatever is written behind a word that says address, if it holds a number and a word: Domicilio: calle mayor 3
    (
        FIELDS,
        _BEHIND_FIELD,
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
