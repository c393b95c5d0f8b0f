"""What German makes of its words, as the guard knows it: inflections, degrees, particles."""

from __future__ import annotations

from typing import Final

from gateway.cache.semantic.lexicon import Degree, paired

_IRREGULAR: Final = paired("""
gewinn gewonnen gewann gewinnt gewinnen gewannen
verlier verloren verlor verliert verlieren
schreib geschrieben schrieb schreibt schreibst
geb gegeben gab gibt gibst geben
nehm genommen nahm nimmt nehmen nehme nimm
find gefunden fand findet finden finde
fahr gefahren fuhr fährt fahren fahre
flieg geflogen flog fliegt fliegen fliege
sterb gestorben starb stirbt sterben starben
beginn begonnen begann beginnt beginnen
ess gegessen aß isst essen esse
fress gefressen fraß frisst fressen
trink getrunken trank trinkt trinken
steh gestanden stand steht stehen standen
lieg gelegen lag liegt liegen
läuf gelaufen lief läuft laufen laufe
komm gekommen kam kommt kommen komme
seh gesehen sah sieht sehen sehe sieh
les gelesen las liest lesen lese lies
sprech gesprochen sprach spricht sprechen
treff getroffen traf trifft treffen
helf geholfen half hilft helfen hilf
halt gehalten hielt hält halten halte
fall gefallen fiel fällt fallen
lass gelassen ließ lässt lassen lasse
brech gebrochen brach bricht brechen
schließ geschlossen schloss schließt schließen schließe
ruf gerufen rief ruft rufen rufe
bring gebracht brachte bringt bringen
denk gedacht dachte denkt denken
kenn gekannt kannte kennt kennen
zieh gezogen zog zieht ziehen ziehe
wechsel wechsle wechseln wechselt gewechselt
änder ändre
heiß geheißen hieß heißt heißen
empfehl empfohlen empfahl empfiehlt empfehlen empfiehl
land länder ländern
haus häuser häusern
stadt städte städten
buch bücher büchern
kind kinder kindern
mann männer männern
tag tage tagen tags
jahr jahre jahren jahres jahrs
wort wörter worte worten wörtern
rabatt rabatte rabatten
gehalt gehälter gehalts
laut laute lauten lauter
""")

_ADJECTIVES: Final = """
groß größer größt
klein kleiner kleinst
hoch höher höchst
niedrig niedriger niedrigst
lang länger längst
kurz kürzer kürzest
alt älter ältest
jung jünger jüngst
schnell schneller schnellst
langsam langsamer langsamst
günstig günstiger günstigst
billig billiger billigst
teuer teurer teuerst
gut besser best
schlecht schlechter schlechtest
schwer schwerer schwerst
leicht leichter leichtest
stark stärker stärkst
schwach schwächer schwächst
heiß heißer heißest
warm wärmer wärmst
kalt kälter kältest
früh früher frühest
spät später spätest
nah näher nächst
weit weiter weitest
breit breiter breitest
tief tiefer tiefst
laut lauter lautest
leise leiser leisest
neu neuer neuest
sicher sicherer sicherst
häufig häufiger häufigst
viel mehr meist
wenig weniger wenigst
"""

PREFIXES: Final = [
    "zurück",
    "zusammen",
    "herunter",
    "hinunter",
    "hinzu",
    "runter",
    "rauf",
    "hoch",
    "stumm",
    "frei",
    "weiter",
    "wieder",
    "auseinander",
    "ab",
    "an",
    "auf",
    "aus",
    "ein",
    "zu",
    "vor",
    "nach",
    "um",
    "hin",
    "her",
    "weg",
    "los",
    "mit",
    "bei",
    "durch",
    "fest",
]
_ENDINGS: Final = ("ern", "em", "en", "er", "es", "st", "et", "e", "n", "s", "t")


def stem(word: str, capital: bool) -> str:
    """Inflections off. Only nouns and names have a capital, so what has none may be a participle."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not capital and len(word) > 6 and word.startswith("ge") and word.endswith(("t", "en")):
        word = word[2:]
    for _ in range(2):
        for end in _ENDINGS:
            if word.endswith(end) and len(word) - len(end) >= 3:
                word = word[: -len(end)]
                break
        else:
            break
    return word


def split(word: str) -> tuple[str, ...]:
    """A verb with its particle before it, "auszuschalten" or "Ausschalten", is the two."""
    for prefix in PREFIXES:
        rest = word.removeprefix(prefix)
        if rest == word or len(rest) < 5 or not rest.endswith(("en", "ern", "eln", "t", "n", "end", "ung")):
            continue
        for joint in ("zu", "ge"):
            if rest.startswith(joint) and len(rest) > len(joint) + 3:
                return ("+" + prefix, rest.removeprefix(joint))
        if rest.endswith(("en", "ern", "eln", "t", "ung")):
            return ("+" + prefix, rest)
    return (word,)


def degrees() -> dict[str, Degree]:
    found: dict[str, Degree] = {}
    for line in _ADJECTIVES.strip().splitlines():
        base, more, most = line.split()
        for form, degree in ((more, "<er>"), (most, "<est>")):
            for end in ("", "e", "en", "er", "es", "em"):
                found.setdefault(form + end, Degree(base, degree))
    for word in ("nächste", "nächsten", "nächster", "nächstes", "nächstem", "weiter", "mehr", "meisten"):
        found.pop(word, None)
    return found
