"""The words that point to a private person's name, or away from one. Folded; English, French, German, Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator

from router.sensitivity.lexicon import read
from router.sensitivity.patterns import PatternSet, compiled
from router.sensitivity.view import View

# Each lead ends where the name begins. Strength 0..1.
_TITLES = (
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Mme|Mlle|MM|Monsieur|Madame|Mademoiselle|Herrn?|Frau|Hr|Fr|Sr|Sra|Srta|"
    r"Senora?|Senorita|Don|Dona|Sig|"
    r"Signora?|Mevr|Dhr)\.? (?:Dr\.? |Prof\.? |Ing\.? )?|\bM\. "
)
_DOCTOR = (
    r"\b(?:Dr|Dra|Prof|Doctor|Docteur|Doktor|Professeur|Professor|Nurse|Rev|Me|Ing|Sgt|Officer|Judge)\.? (?:med\.? )?"
)
_SAID = (
    r"(?i)\b(?:my (?:full |first |last |maiden |real |legal )?name(?: is|'s|:)|i am called|call me|"
    r"named|name is|this is|je m'appelle|je me nomme|mon nom est|"
    r"(?:il|elle) s'appelle|nomme[e]?|ich heisse|ich heise|mein name ist|(?:er|sie) heist|namens|me "
    r"llamo|mi nombre es|se llama|llamad[oa]|"
    r"nombre es|mi chiamo|ik heet|mijn naam is|nazywam sie|o meu nome e|me chamo|meu nome e|what's "
    r"your (?:first |last )?name\?|"
    r"what is your (?:first |last )?name\?|sono|sou [oa]|soy|ich bin(?: der| die)?) "
)
_FIELDS = (
    r"(?i)(?:\b(?:full |first |last |given |family |middle |patient |customer |client |employee |"
    r"contact |account |user |student |card ?holder |guest |owner |"
    r"beneficiary |recipient |sender |tenant )?name|\bpatiente?|\bpt|\bprovider|\bphysician|"
    r"\bclient[e]?|\bcustomer|\bemployee|\bapplicant|\bclaimant|\bowner|"
    r"\bbeneficiary|\bguarantor|\bnom(?: complet| de famille)?|\bprenom|\bbeneficiaire|\btitulaire|"
    r"\bpatientin|\bkunde|\bkundin|\bname des [a-z]{1,20}|"
    r"\bvorname|\bnachname|\bempfanger|\bkontoinhaber|\binhaber|\bmieter|\bnombre(?: y apellidos| "
    r"completo)?|\bapellidos?|\bpaciente|\btitular|"
    r"\bbeneficiari[oa]|\bmedico|\bdestinatari[oa]|\bdirected by|\bsigned(?: by)?|\bemployee record|"
    r"\bperson|\bcontact|\battn|\bauthor|\bpatient_name|"
    r"\bhpi|\bre|\bfrom|\bto|\bcc|\bby|\balert for|\bresults for|\bnote -|\brecord for|\bon behalf of|"
    r"\breported by|\bordered by)[\"']? ?[:-] {0,6}[\"']?"
)
_ASSIGNED = r"(?i)name[\"']? ?= ?[\"']?"
_OTHERS_RELATION = (
    r"(?i)\b(?:his|her|their|sa|son|leur|sein|seine|seinen|ihr|ihre|su) (?:wife|husband|son|daughter|"
    r"brother|sister|friend|mother|father|"
    r"femme|mari|fils|fille|frere|soeur|sour|amie?|mere|pere|frau|mann|sohn|tochter|bruder|schwester|"
    r"freund|freundin|mutter|vater|"
    r"esposa|marido|hij[oa]|herman[oa]|amig[oa]|madre|padre),? "
)
_CLOSING = (
    r"(?i)\b(?:regards|sincerely|cheers|best wishes|yours truly|yours faithfully|yours|thanks|thank "
    r"you|best|cordialement|salutations|amicalement|"
    r"bien a vous|merci|grusse?n?|gruse?|grusen|hochachtungsvoll|lg|mfg|vg|saludos|atentamente|un "
    r"abrazo|gracias|groet|groeten|cordiali saluti)[,.!]{0,2}[ \n]{1,4}"
)
_GREETING = (
    r"(?i)\b(?:dear|hi|hello|hey|good morning|good afternoon|good evening|bonjour|bonsoir|salut|cher|"
    r"chere|liebe[rs]?|hallo|guten tag|guten morgen|"
    r"sehr geehrte[rs]?|hola|estimad[oa]|querid[oa]|buenos dias|buenas tardes|ciao|caro|cara|beste|"
    r"thanks|thank you|merci|danke|gracias),? "
)
_RELATION = (
    r"(?i)\b(?:my|our) (?:(?:dear|late|ex|old|new|best|little|older|younger|elderly|pregnant|former|"
    r"step)[ -]?){0,2}(?:wife|husband|son|daughter|"
    r"kid|child|baby|brother|sister|mother|father|mom|mum|dad|"
    r"aunt|uncle|cousin|niece|nephew|grandmother|grandfather|grandma|grandpa|partner|boyfriend|"
    r"girlfriend|fiancee?|friend|neighbou?r|colleague|coworker|"
    r"co-worker|boss|manager|landlord|tenant|client|customer|patient|teacher|student|employee|"
    r"assistant|therapist|lawyer|roommate|spouse|team ?mate|supervisor|"
    r"professor|intern|nanny),? |"
    r"(?i)\b(?:ma|mon|notre) (?:femme|mari|fils|fille|frere|soeur|sour|mere|pere|tante|oncle|cousine?|"
    r"niece|neveu|ami[e]?|voisine?|collegue|"
    r"patronn?e?|chef|cheffe|proprietaire|locataire|client[e]?|patient[e]?|compagn[eo]n?|copine?|"
    r"eleve|stagiaire|assistante?|medecin|avocate?),? |"
    r"(?i)\b(?:mein|meine|meinen|meiner|meinem|unser|unsere|unserem|unserer) (?:frau|mann|sohn|"
    r"tochter|bruder|schwester|mutter|vater|tante|onkel|"
    r"cousine?|nichte|neffe|freund|freundin|nachbarn?|nachbarin|kollegen?|kollegin|chef|chefin|"
    r"vermieter|vermieterin|mieter|kunden?|kundin|patient|patientin|"
    r"partner|partnerin|oma|opa|schuler|lehrerin?|praktikant|mitarbeiter|mitarbeiterin|arzt),? |"
    r"(?i)\b(?:mi|nuestr[oa]) (?:esposa|marido|mujer|hij[oa]|herman[oa]|madre|padre|ti[oa]|prim[oa]|"
    r"sobrin[oa]|amig[oa]|vecin[oa]|companer[oa]|jef[ea]|"
    r"cliente|paciente|novi[oa]|abuel[oa]|alumn[oa]|emplead[oa]|profesora?|medic[oa]|abogad[oa]),? "
)
_BUSINESS = (
    r"(?i)\b(?:customer|client|employee|patient|tenant|applicant|candidate|beneficiary|recipient|user|"
    r"member|guest|passenger|student|colleague|contact|"
    r"reminder to|email to|letter to|letter for|reply to|message to|message from|call from|invoice "
    r"for|refund for|contract for|report on|record for|case of|"
    r"similar to|seen by|under|care of|on behalf of|in the name of|as "
    r"guardian|lives with|owed by|paid by|signed by|"
    r"le client|la cliente|le patient|la patiente|le locataire|au nom de|a l'attention de|courrier "
    r"(?:pour|a)|lettre (?:pour|a)|mail a|resiliation pour|"
    r"beneficiaire|appartient a|salariee?|dossier de|contrat (?:pour|de)|pour le compte de|destinataire|"
    r"kunde|kundin|kunden|patient|patientin|mieter|mieterin|herrn|kundigung fur|zeugnis fur|brief "
    r"(?:an|fur)|vertrag (?:fur|mit)|mail an|im namen von|empfanger|"
    r"empfangerin|mitarbeiter|mitarbeiterin|gehort|antwort an|rechnung (?:fur|an)|"
    r"el cliente|la clienta|el paciente|la paciente|contrato (?:para|de)|carta (?:para|a)|correo a|a "
    r"nombre de|en nombre de|empleado|empleada|beneficiario|"
    r"inquilino|pertenece a|informe de|groet) "
)
_LEAD_STRENGTH = (
    (_BUSINESS, 0.3),
    (_GREETING, 0.3),
    (_ASSIGNED, 0.25),
    (_OTHERS_RELATION, 0.25),
    (_DOCTOR, 0.4),
    (_CLOSING, 0.4),
    (_FIELDS, 0.45),
    (_TITLES, 0.5),
    (_RELATION, 0.5),
    (_SAID, 0.6),
)
_LEADS = tuple((compiled(pattern), strength) for pattern, strength in _LEAD_STRENGTH)
_LEAD_SET = PatternSet((pattern for pattern, _ in _LEAD_STRENGTH), 2 << 20)
STRONG_TRIGGER = (
    r"(?i)\b(?:my name is|name's|call me|je m'appelle|ich heise|ich heisse|mein name ist|me llamo|mi nombre es)\b"
)

_LOWER_NAME = re.compile(
    r"\b(?:my name is|people call me|call me|je m'appelle|ich hei(?:ss|s)e|mein name ist|me llamo|mi "
    r"nombre es) ([a-z][a-z'-]{2,20}(?: [a-z][a-z'-]{2,20})?)"
)
_NO_LOWER_NAME = re.compile(
    r"(?:a|also|an|and|anytime|appearing|as|asap|at|back|but|changed|common|crazy|for|if|in|incorrect|later|"
    r"listed|maybe|misspelled|my|not|now|on|or|rare|showing|spelled|still|the|today|tomorrow|under|when|"
    r"written|wrong|your)\Z"
)

NOT_NAMES, _ = read("not_names")
ORGANISATION, _ = read("organisations")

ARITHMETIC = (
    r"(?i)\b(?:how many|how much|how old|how long|how far|how fast|what percent\w*|what is the total|"
    r"total (?:cost|number|amount|price)|in total|"
    r"combien|wie viele?|wieviele?|wie alt|wie lange|insgesamt|cuant[oa]s?|en total|au total|quel age|que edad)\b"
)
PUBLIC = (
    r"(?i)\b(?:1[0-8]\d\d|19[0-7]\d|century|siecle|jahrhundert|siglo|president|king|queen|emperor|"
    r"pope|empire|dynasty|war|treaty|parliament|"
    r"novel|poem|copyright|licensed under|philosoph\w*|theorem|scientist|physicist|mathematician|"
    r"composer|painter|actor|actress|singer|footballer|politician|"
    r"roi|reine|empereur|guerre|roman|president|philosophe|ecrivain|peintre|konig|kaiser|krieg|"
    r"philosoph|schriftsteller|prasident|"
    r"rey|reina|guerra|novela|filosofo|escritor|presidente|emperador)\b"
)
PRIVATE = (
    r"(?i)@[a-z0-9-]+\.[a-z]|\b(?:my (?:name|account|address|phone|order|card|kid|child|son|daughter|"
    r"wife|husband|boss|colleague|landlord|doctor)|"
    r"phone|mobile|email|e-mail|address|account|invoice|appointment|contract|salary|iban|ssn|mrn|dob|passport|"
    r"telephone|courriel|adresse|compte|facture|contrat|salaire|rendez-vous|je m'appelle|"
    r"telefon|handy|konto|rechnung|vertrag|gehalt|termin|kundigung|ich heise|"
    r"telefono|correo|cuenta|factura|contrato|sueldo|cita|domicilio|me llamo)\b"
)
PERSONAL = (
    r"(?i)\b(?:i|i'm|i've|my|me|we|our|you|your|je|j'ai|mon|ma|mes|nous|notre|vous|votre|tu|"
    r"ich|mein\w*|wir|unser\w*|yo|mi|mis|nuestr[oa]s?|usted|tu)\b"
)
CLINICAL = (
    r"(?i)\b(?:\d{1,3}[- ]?(?:y\.?o\.?|yo|yr|year|years)(?:[- ]old)?\b|patients?|pts?|mrn|admitted|"
    r"diagnosed|paciente|patientin|hospitalisee?|"
    r"ingresad[oa]|diagnosticad[oa])\b"
)

_RIGHT = re.compile(
    r"(?:'s (?:address|phone|number|email|account|salary|file|record|records|password|card|contract|"
    r"birthday|diagnosis|test|results|case|house|"
    r"appointment|medical|insurance|mother|father|wife|husband|son|daughter|"
    r"performance|cv|resume)"
    r"|, ?\(?\d{1,2}[ ),]| ?\(\d{1,2}\)| aged? \d|,? \(?(?:born|dob|geboren|geb\.|nee? le|nacid[oa])|"
    r",? (?:called|phoned|emailed|wrote to (?:me|us)|lives (?:at|in)|"
    r"works (?:at|for|in)|is (?:my|our|a very|very|moving|on sick)|was (?:seen|admitted|"
    r"diagnosed|fired|hired|treated)|"
    r"will be (?:talking|speaking|joining|late|on)|has been (?:diagnosed|admitted|verified)|"
    r"habite|demeurant|domicilie|travaille|wohnhaft|wohnt|arbeitet|vive en|con domicilio|trabaja|con dni)|"
    r",? (?:the )?(?:from|of) [A-Z][a-z]+ (?:is|was|called)|[ ,]{1,2}(?:md|dds|phd|jr|sr)\b|: )"
)
_LEFT = re.compile(
    r"(?:named|called|said|told|ask|asked|tell|email|emailed|text|call|contact|met|meet|meeting with|"
    r"speak to|talk to|spoke with|"
    r"(?:male|female|man|woman|boy|girl|patient|infant),?(?: named)?|yo [mf],?|"
    r"like|as seen (?:with|in)|for|with|"
    r"[a-z]+er|[a-z]+or|[a-z]+ist),? \Z"
)


def leads(data: bytes) -> dict[int, float]:
    """Offset at which a name would begin → how strongly the words before it say so."""
    found: dict[int, float] = {}
    for index in _LEAD_SET.match(data):
        pattern, strength = _LEADS[index]
        position = 0
        while (match := pattern.search(data, position)) is not None:
            end = position = match.end()
            if strength > found.get(end, 0.0):
                found[end] = strength
    return found


def may_lead(data: bytes) -> bool:
    """Whether any words lead to a name at all."""
    return bool(_LEAD_SET.match(data))


MOST_EVIDENCE = 0.3  # that the words beside a name can add


def right_evidence(view: View, end: int) -> float:
    return 0.2 if _RIGHT.match(view.lower, end, end + 40) is not None else 0.0


def left_evidence(view: View, start: int) -> float:
    return 0.1 if _LEFT.search(view.lower[max(0, start - 32) : start]) is not None else 0.0


_FAME = re.compile(
    r"(?:ceo|president|economist|philosopher|author|poet|king|queen|pope|senator|minister|actor|"
    r"actress|singer|composer|painter|physicist|"
    r"who (?:is|was)|biography of|life of|works of|theory of|novel by|film by|directed by|painted by|"
    r"according to|founded by|invented by|"
    r"qui est|qui etait|biographie de|selon|economiste|auteur|ecrivain|wer ist|wer war|okonom|laut|"
    r"leben von|quien es|quien fue|segun|"
    r"economista|autor|biografia de),? \Z"
)


def fame(view: View, start: int) -> float:
    """How much the words before a name speak of a public figure."""
    return 0.3 if _FAME.search(view.lower[max(0, start - 32) : start]) is not None else 0.0


def lower_case_names(view: View) -> Iterator[tuple[int, int]]:
    """ "my name is vitoria": what a hurried hand writes."""
    lower = view.lower
    if not any(word in lower for word in ("name is", "call me", "m'appelle", "ich hei", "llamo", "nombre es")):
        return
    for match in _LOWER_NAME.finditer(lower):
        first = match.group(1).split()[0]
        if _NO_LOWER_NAME.match(first) is None and view.text[match.start(1)].islower():
            yield match.start(1), match.start(1) + len(first)
