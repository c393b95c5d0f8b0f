"""Classification labels: what the author of a text has declared confidential. A label is short and stands out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Span
from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

# As a label: in capitals, or alone on its line, or behind "Classification:". A sentence about secrets is none.
_CAPITALS = Pattern(
    r"\b(?:CONFIDENTIAL\b ?[-/:(|\n]|GEHEIM\b(?: ?[-/:(|\n!]|$)|(?:"
    r"(?:STRICTLY|HIGHLY|COMPANY|COMMERCIALLY?|BUSINESS|MEDICAL|LEGALLY) (?:CONFIDENTIAL|PRIVILEGED)|"
    r"PRIVILEGED (?:AND|&) CONFIDENTIAL|TOP SECRET|NOT FOR DISTRIBUTION|DO NOT (?:DISTRIBUTE|FORWARD)|"
    r"INTERNAL (?:USE )?ONLY|FOR INTERNAL USE ONLY|EYES ONLY|ATTORNEY[- ]CLIENT PRIVILEGED?|NATO (?:RESTRICTED|SECRET)|"
    r"EU (?:RESTRICTED|CONFIDENTIAL|SECRET)|RESTREINT UE|OFFICIAL[- ]SENSITIVE|TLP:(?:AMBER|RED)|"
    r"(?:STRICTEMENT )?CONFIDENTIEL(?:LE)?|DIFFUSION RESTREINTE|SECRET DEFENSE|SECRET MEDICAL|USAGE INTERNE|"
    r"(?:STRENG )?VERTRAULICH|STRENG GEHEIM|NUR FUR DEN (?:INTERNEN|DIENSTLICHEN?) (?:DIENST)?GEBRAUCH|"
    r"VS-NFD|VS-NUR FUR DEN DIENSTGEBRAUCH|NUR FUR (?:DEN )?INTERNEN GEBRAUCH|VERSCHLUSSSACHE|"
    r"(?:ESTRICTAMENTE )?CONFIDENCIAL|USO INTERNO|RESERVADO|SECRETO|SIGILOSO|"
    r"(?:STRETTAMENTE )?(?:RISERVATO|CONFIDENZIALE)|SEGRETO|(?:STRIKT )?VERTROUWELIJK|VOOR INTERN GEBRUIK|"
    r"POUFNE|SCISLE TAJNE)\b)"
)
_ALONE = (b"CONFIDENTIAL", b"GEHEIM")  # behind which a sign was read too
_LABELLED = Pattern(
    r"(?:\b(?:classification|classified|confidentiality|sensitivity|klassifizierung|einstufung|vertraulichkeit|"
    r"clasificacion|confidentialite|classificazione|sensibilita|classificatie)[\"']? ?[:=] ?[\"']?"
    r"|(?:^|\n)[ \t*#\[(>-]{0,6}(?:c[0-4] ?[-:] ?|draft ?[-:] ?)?)"
    r"(streng geheim|(?:strictly |highly |company |streng |strictement |estrictamente |strettamente |"
    r"strikt |top |"
    r"privileged & |privileged and )?"
    r"(?:confidential|confidentiel(?:le)?|vertraulich|confidencial|confidenziale|riservato|vertrouwelijk|secret|"
    r"restricted|reservado|poufne|sigiloso|internal use only|internal only|usage interne|uso interno|"
    r"nur fur den internen gebrauch|(?:alleen )?voor intern gebruik|not for distribution)"
    r"(?: ?[-/,:(]{1,2} ?[a-z]{2,14}(?:[ ,]{1,2}[a-z]{2,14}){0,4})?)[ \t*#\])!.:]{0,6}(?:\n|$)"
)


class ClassificationDetector:
    name = "classification"
    triggers = (
        r"(?i)\b(?:confidential|confidentiel(?:le)?|confidencial|vertraulich|geheim|top secret|restricted|"
        r"internal (?:use )?only|internal use|eyes only|not for distribution|do not (?:distribute|forward)|"
        r"diffusion restreinte|restreint ue|secret (?:defense|medical)|usage interne|verschlusssache|vs-nfd|"
        r"uso interno|"
        r"reservado|secreto|sigiloso|riservato|confidenziale|segreto|vertrouwelijk|intern gebruik|poufne|scisle tajne|"
        r"privileged|official[- ]sensitive|(?:internen|dienstlichen?) (?:dienst)?gebrauch|dienstgebrauch)\b|"
        r"TLP:(?:AMBER|RED)",
    )

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        view.budget.spend_pass(2 * len(view.data))
        for start, end, _, _ in _CAPITALS.each(view.data):
            alone = next((word for word in _ALONE if view.data.startswith(word, start)), None)
            yield Span(start, end if alone is None else start + len(alone), "CLASSIFICATION", 0.8)
        for _, _, start, end in _LABELLED.each(view.lower.encode()):
            yield Span(start, end, "CLASSIFICATION", 0.75)


CLASSIFICATION = ClassificationDetector()
