"""Special categories of GDPR article 9 beyond health, tied to a person: belief, politics, union, orientation, origin.

A question about a religion is nobody's belief. It becomes somebody's in the first person ("I am a Muslim"), of a
relation ("my colleague is gay"), of a name ("Ida Ekvall is a Quaker"), or in a form's field ("Religion: …").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Span
from router.sensitivity.patterns import Pattern
from router.sensitivity.view import View

_TERMS = (
    # belief
    r"muslim[ae]?|musulman[eoa]?|moslima?|muslimin|moslem|jewish|juive?|judio|judia|judisch|christian|chretien(?:ne)?|christin|"
    r"catholic|catholique|katholisch|katholikin|katholiek|"
    r"cattolic[oa]|catolic[oa]|protestant[ea]?|evangelisch|evangelic[oa]|orthodox|hindu|"
    r"buddhist[in]{0,2}|bouddhiste|budista|sikh|atheist|athee|atheistin|ate[oa]|quaker|mormon|jehovah's witness|"
    r"temoin de jehovah|zeugen? jehovas|testigo de jehova|"
    # orientation
    r"gay|omosessual[ei]|lesbic[ah]e?|homoseksueel|lesbian|lesbienne|lesbisch|lesbiana|bisexual|bisexuel(?:le)?|bisexuell|homosexual|homosexuel(?:le)?|"
    r"homosexuell|schwul|queer|transgender|trans(?:sexual|exual|sexuell)|non-binary|asexual|"
    # politics and union
    r"communist|communiste|kommunist(?:in)?|comunista|socialist|socialiste|sozialist(?:in)?|anarchist|"
    r"conservative voter|"
    r"republican|democrat|(?:party|union|trade union) (?:member|representative|rep|delegate)|"
    r"member of (?:the )?(?:[a-z]{2,14} ){0,3}(?:union|party)|syndiquee?|delegue(?:e)? syndicale?|"
    r"membre d[eu']{0,2} ?(?:la |l')?(?:[a-z]{2,12} ){0,2}(?:syndicat|parti|cgt|cfdt)|"
    r"gewerkschaftsmitglied|betriebsrat|"
    r"mitglied (?:der|in der|bei der|bei) (?:[a-z.]{2,12} )?(?:gewerkschaft|partei|spd|cdu|afd|fdp|linken|grunen|verdi|"
    r"ver\.di|ig metall)|afiliad[oa] (?:al?|a la) (?:sindicato|partido|ugt|ccoo|psoe|pp)|"
    # origin
    r"of (?:roma|jewish|arab|african|asian|turkish|kurdish|black|indigenous) (?:origin|descent|ethnicity)|roma|gypsy|"
    r"d'origine [a-z]{4,14}|turkischer abstammung|de etnia [a-z]{4,14}|de origen [a-z]{4,14}"
)
_SUBJECT = (
    r"\b(?:i am|i'm|i was raised|i've become|my (?:[a-z]{2,12} ){0,2}[a-z]{2,14} (?:is|was|became|has come out as)|"
    r"(?:the |our |an? )?(?:employee|applicant|candidate|patient|client|tenant|colleague|pupil|student) is|"
    r"je suis|mon (?:[a-z]{2,12} ){0,2}est|ma (?:[a-z]{2,12} ){0,2}est|(?:le|la) (?:salariee?|candidate?|"
    r"patiente?) est|"
    r"ich bin|mein (?:[a-z]{2,14} )ist|meine (?:[a-z]{2,14} )ist|(?:der|die) (?:mitarbeiter(?:in)?|bewerber(?:in)?|"
    r"patient(?:in)?|mieter(?:in)?) ist|soy|sono|ik ben|"
    r"(?:il mio|la mia) (?:[a-z]{2,12} ){1,2}e|mijn (?:[a-z]{2,12} ){1,2}is|mi (?:[a-z]{2,12} ){1,2}es|"
    r"(?:el|la) (?:emplead[oa]|"
    r"candidat[oa]|paciente) es)"
    r" (?:an? |une? |eine? |un |una |also |aussi |auch |openly |ouvertement |offen |practi[sc]ing |"
    r"devout |secretly |not |"
    r"the |el |la |der |die |originally ){0,3}"
)
_FIELD = (
    r"\b(?:religion|faith|denomination|confession|konfession|glaube|religionszugehorigkeit|creencia|"
    r"sexual orientation|orientation sexuelle|sexuelle orientierung|orientacion sexual|"
    r"political (?:opinion|affiliation|views?)|opinion politique|parteizugehorigkeit|afiliacion politica|"
    r"union membership|trade union|syndicat|gewerkschaft|sindicato|ethnicity|ethnic origin|race|"
    r"origine ethnique|ethnie|"
    r"ethnische herkunft|etnia)[\"']? ?[:=] ?[\"']?([a-z][a-z .-]{1,24})"
)
_NAMED = (
    r"\b[A-Z][a-z'-]{1,20} (?:[A-Z]\.? )?[A-Z][A-Za-z'-]{1,24} (?:is|was|ist|est|es) "
    r"(?:an? |une? |eine? |un |una |openly ){0,2}"
    rf"((?i:{_TERMS}))\b"
)
_BIOMETRIC = (
    r"\b(?:my|his|her|their|the employee's|mes|ses|meine?|seine?|ihre?|mis?|sus?) (?:own )?(?:fingerprints?|iris scan|"
    r"retina scan|face ?print|voice ?print|dna (?:profile|test|sample|sequence)|genome|empreintes digitales|"
    r"fingerabdrucke?|huellas? (?:dactilares|digitales))\b"
)
_MEMORY = 2 << 20  # bytes: many subjects, and as many terms behind each
_NOTHING = frozenset(("none", "unknown", "string", "str", "optional", "null", "text", "varchar", "the", "a", "an"))


class SpecialCategoryDetector:
    name = "special_categories"
    triggers = (
        rf"(?i)\b(?:{_TERMS})\b",
        rf"(?i){_FIELD.replace('([a-z][a-z .-]', '(?:[a-z][a-z .-]')}",
        rf"(?i){_BIOMETRIC}",
    )

    def __init__(self) -> None:
        self._own = Pattern(rf"{_SUBJECT}({_TERMS})\b", _MEMORY)
        self._named = Pattern(_NAMED, _MEMORY)
        self._field = Pattern(_FIELD)
        self._biometric = Pattern(_BIOMETRIC)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        lower = view.lower.encode()
        if 0 in hits:
            found = set(_places(self._own, lower, view))
            found.update(_places(self._named, view.data, view))
            for start, end in sorted(found):
                yield Span(start, end, "SPECIAL_CATEGORY", 0.8)
        if 1 in hits:
            for start, end in _places(self._field, lower, view):
                if view.lower[start:end].split()[0].strip(".-") not in _NOTHING:
                    yield Span(start, end, "SPECIAL_CATEGORY", 0.7)
        if 2 in hits:
            for start, end in _places(self._biometric, lower, view):
                yield Span(start, end, "SPECIAL_CATEGORY", 0.6)


def _places(pattern: Pattern, data: bytes, view: View) -> Iterator[tuple[int, int]]:
    """Where the pattern's group (or itself) stands."""
    view.budget.spend_pass(2 * len(data))
    for _, _, start, end in pattern.each(data):
        view.budget.spend(2)
        yield start, end


SPECIAL_CATEGORIES = SpecialCategoryDetector()
