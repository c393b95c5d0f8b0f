"""Health data tied to a person: a word of illness or treatment near a word that says whose it is.

A question about an illness is nobody's health. It becomes somebody's with a name, a birth date, a record number, or
in the first person ("my biopsy results", "ma fille a…").
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from router.sensitivity.cues import terms
from router.sensitivity.detector import Span
from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

_ILLNESS = (
    # stems shared by the languages, folded
    "diabet|cancer|cancro|krebs|tumou?r|carcinom|karzinom|leuk[ae]mi|leucemi|lymphom|melanom|metasta|"
    "chemother|quimioter|"
    "chimiother|hiv|vih|aids|sida|hepatit|tubercul|syphilis|chlamydia|gonorr|herpes|epilep|alzheimer|parkinson|"
    "dementia|demenz|demence|demencia|schizo|bipolar|depress|depresi|anxiet|angststorung|anxiete|ansiedad|burn-?out|"
    "autis|adhd|tdah|adhs|asthm|asma|copd|bpco|epoc|pneumon|bronchit|hypertens|bluthochdruck|"
    "hipertens|infarct|infarkt|"
    "infarto|stroke|schlaganfall|avc|ictus|arrhythm|arythm|arritmi|fibrillat|vorhofflimmern|insuffisan|insuficienc|"
    "nierenversagen|niereninsuffizienz|renal|kidney disease|cirrh|zirrhos|cirros|arthrit|artrit|sclerosis|sclerose|"
    "sklerose|esclerosis|migrain|migran|anemi|anami|hypothyr|hyperthyr|endometrio|pregnan|schwanger|enceinte|embaraz|"
    "abortion|abtreib|avortement|aborto|miscarri|fehlgeburt|allerg|addict|alcoholi|alkoholi|alcoolis|overdose|suicid|"
    "self-harm|covid|sepsis|fractur|fraktur|hernia|hernie|psoria|eczema|ekzem|crohn|colitis|celiac|biops|chirurg|"
    "surgery|cirugia|dialys|transplant|insulin|metformin|chemo|antidepress|sertralin|warfarin|"
    "morphin|methadon|atorvastatin|levothyrox|amlodipin|prednison|gabapentin|losartan|"
    "omeprazol|lisinopril|metoprolol|albuterol|salbutamol|amoxicil|lithium|fluoxetin|clozapin|"
    "olanzapin|tamoxifen|mri|irm|ct scan|"
    "colonoscop|koloskop|coloscop|echocardiog|echokardio|mammogra|heart failure|herzinsuffizien|"
    "metabolic panel|bone density|lupus"
)
_ILLNESS_PATTERN = rf"(?i)\b(?:{_ILLNESS})[a-z]{{0,14}}"
_ILLNESS_WORD = Pattern(_ILLNESS_PATTERN[4:], 2 << 20)  # so many words: with less, it starts again and again


def _whole(*alternatives: str) -> Pattern:
    """Whole words (or phrases), any of them; the group is what is found."""
    return Pattern(rf"(?:^|[^a-z0-9])({terms(alternatives)})(?:[^a-z]|$)")


_PERSON_CUE = _whole(
    # a named or documented patient
    "mrn|patient id|patient name|date of birth|dob|medical record|mr|mrs|ms",
    "ne le|nee le|m\\.|mme|monsieur|madame|numero de dossier|nom du patient",
    "geboren am|geb|herr|frau|patientenname|patientin|geburtsdatum",
    "nacido el|nacida el|sr|sra|senor|senora|nhc|fecha de nacimiento",
)
_FIRST_PERSON = _whole(
    "my (?:own |recent |latest )?(?:diagnosis|test results?|biopsy|results|doctor|therapist|"
    "psychiatrist|oncologist|hiv|cancer|"
    "diabetes|depression|pregnancy|medication|treatment|illness|disease|condition|anxiety|disorder|chemo|surgery)|"
    "i (?:was|have been|'ve been|am) (?:recently |just )?(?:diagnosed|hospitalized|treated|"
    "prescribed|hiv|pregnant|bipolar)|"
    "i'm (?:hiv|pregnant|diabetic|bipolar|being treated)|i have (?:been diagnosed|cancer|hiv|"
    "diabetes|depression|epilepsy|aids)|"
    "my (?:son|daughter|wife|husband|mother|father|mom|mum|dad|brother|sister|partner|child|kid|boss|"
    "colleague|employee|"
    "neighbou?r|boyfriend|girlfriend)(?:'s)? (?:has|had|was|is|suffers|just|recently|been|diagnosis)",
    "mon (?:diagnostic|cancer|medecin|psychiatre|traitement|diabete)|ma (?:maladie|depression|"
    "grossesse|biopsie)|mes resultats|"
    "on m'a diagnostique|je suis (?:atteinte?|enceinte|seropositive?|diabetique|suivie?|traitee?)|je "
    "souffre|j'ai (?:un cancer|le vih|"
    "un diabete|une depression)|(?:ma|mon) (?:fils|fille|femme|mari|mere|pere|frere|soeur|sour|"
    "compagnon|compagne|collegue|"
    "patron|voisin|voisine) (?:a|est|souffre|vient)",
    "meine? (?:diagnose|krankheit|depression|befunde?|schwangerschaft|therapie|erkrankung|arzt|"
    "psychiater)|bei mir wurde|ich leide|"
    "ich bin (?:schwanger|hiv|diabetiker|an )|ich habe (?:krebs|diabetes|hiv|depressionen)|"
    "mein(?:e)? (?:sohn|tochter|frau|mann|"
    "mutter|vater|bruder|schwester|kollege|kollegin|chef|chefin|nachbar) (?:hat|ist|leidet|wurde)",
    "mi (?:diagnostico|enfermedad|depresion|embarazo|biopsia|medico|psiquiatra|tratamiento|cancer|"
    "diabetes)|me (?:han )?diagnosticaron|"
    "me diagnosticaron|me han diagnosticado|padezco|sufro de|estoy embarazada|soy (?:diabetic[oa]|"
    "seropositiv[oa])|tengo (?:cancer|vih|"
    "diabetes|depresion)|mi (?:hijo|hija|esposa|marido|mujer|madre|padre|hermano|hermana|jefe|jefa|"
    "companer[oa]|vecin[oa]) (?:tiene|"
    "esta|padece|sufre|fue|ha)",
)
# "Patient Jean Dupont", "Pt: Ashley Hill", "Paciente: Ana Ruiz": the word, then a name of two capitalised words.
_NAMED_PATIENT = Pattern(
    r"\b(?:[Pp]atiente?|PATIENTE?|[Pp]t|PT|[Pp]atientin|[Pp]aciente|PACIENTE|[Cc]lient|[Mm]\.|Mme|"
    r"Mr\.?|Mrs\.?|Ms\.?|Herrn?|Frau|"
    r"Monsieur|Madame|Sra?\.?|[Ee]mployee)[ :]{1,3}(?:named |name: |nomme |namens |llamad[oa] |Mr\.? |"
    r"Mrs\.? |Ms\.? |M\. |Mme |Herr |Frau )?"
    r"[A-Z][a-z'-]{1,20} (?:[A-Z]\.? |de |van |von |del ){0,2}[A-Z][A-Za-z'-]{1,24}"
)
_REACH = 1_500  # characters between the person and the illness


class HealthDetector:
    """Finds the words of illness, keeps those within reach of a person."""

    name = "health"
    triggers = (_ILLNESS_PATTERN,)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        lower = view.lower.encode()
        persons = [start for start, _ in _places(_NAMED_PATIENT, view.data, view)]
        persons += [start for start, _ in _places(_FIRST_PERSON, lower, view)]
        documented = [start for start, _ in _places(_PERSON_CUE, lower, view)]
        if len(documented) >= 2:
            persons += documented
        if not persons:
            return
        persons.sort()
        for start, end in _places(_ILLNESS_WORD, lower, view):
            nearest = bisect_right(persons, start - _REACH)
            if nearest < len(persons) and persons[nearest] < start + _REACH:
                yield Span(start, end, "HEALTH", 0.8)


def _places(pattern: Pattern, data: bytes, view: View) -> Iterator[tuple[int, int]]:
    """Where the pattern's group (or itself) begins and ends, all along the text."""
    position, size = 0, len(data)
    view.budget.spend_pass(size)
    while (match := pattern.search(data, position, size)) is not None:
        view.budget.spend(2)
        _, _, start, position = match
        yield start, position


HEALTH = HealthDetector()
