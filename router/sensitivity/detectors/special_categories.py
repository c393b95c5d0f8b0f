"""Special categories of GDPR article 9 beyond health, tied to a person: belief, politics, union, orientation, origin.

A question about a religion is nobody's belief. It becomes somebody's in the first person ("I am a Muslim"), of a
relation ("my colleague is gay"), of a name ("Ida Ekvall is a Quaker"), or in a form's field ("Religion: …").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from router.sensitivity.detector import Span
from router.sensitivity.patterns import compiled
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
    r"ethnische herkunft|etnia)[\"']? ?[:=] ?[\"']?(?P<value>[a-z][a-z .-]{1,24})"
)
_NAMED = (
    r"\b[A-Z][a-z'-]{1,20} (?:[A-Z]\.? )?[A-Z][A-Za-z'-]{1,24} (?:is|was|ist|est|es) "
    r"(?:an? |une? |eine? |un |una |openly ){0,2}"
    rf"(?P<value>(?i:{_TERMS}))\b"
)
_BIOMETRIC = (
    r"\b(?:my|his|her|their|the employee's|mes|ses|meine?|seine?|ihre?|mis?|sus?) (?:own )?(?:fingerprints?|iris scan|"
    r"retina scan|face ?print|voice ?print|dna (?:profile|test|sample|sequence)|genome|empreintes digitales|"
    r"fingerabdrucke?|huellas? (?:dactilares|digitales))\b"
)
_NOTHING = frozenset(("none", "unknown", "string", "str", "optional", "null", "text", "varchar", "the", "a", "an"))


class SpecialCategoryDetector:
    name = "special_categories"
    triggers = (rf"(?i)\b(?:{_TERMS})\b", rf"(?i){_FIELD.replace('(?P<value>', '(?:')}", rf"(?i){_BIOMETRIC}")

    def __init__(self) -> None:
        self._own = compiled(rf"{_SUBJECT}({_TERMS})\b")
        self._named = re.compile(_NAMED)
        self._field = re.compile(_FIELD)
        self._biometric = re.compile(_BIOMETRIC)

    def find(self, view: View, hits: Sequence[int]) -> Iterator[Span]:
        if 0 in hits:
            found = {match.span(1) for match in self._own.finditer(view.lower.encode())}
            found.update(named.span("value") for named in self._named.finditer(view.text))
            for start, end in sorted(found):
                yield Span(start, end, "SPECIAL_CATEGORY", 0.8)
        if 1 in hits:
            for field in self._field.finditer(view.lower):
                if field.group("value").split()[0].strip(".-") not in _NOTHING:
                    yield Span(*field.span("value"), "SPECIAL_CATEGORY", 0.7)
        if 2 in hits:
            for print_ in self._biometric.finditer(view.lower):
                yield Span(*print_.span(), "SPECIAL_CATEGORY", 0.6)


SPECIAL_CATEGORIES = SpecialCategoryDetector()
