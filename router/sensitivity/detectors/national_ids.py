"""National identifiers: numbers that a state, its tax office or its health service gives to a person.

Each rule names its country in the comment. Those whose form and checksum are telling stand alone; bare digits need a
word that says what they are.
"""

from __future__ import annotations

from collections.abc import Callable

from router.sensitivity import id_checks as check
from router.sensitivity.cues import Cue
from router.sensitivity.rule import Rule

_ID = "NATIONAL_ID"
_MBI = r"[AC-HJKMNP-RT-Yac-hjkmnp-rt-y]"


def _id(pattern: str, confidence: float, check_: Callable[[str], bool] | None = None, cued: float = 0.95) -> Rule:
    return Rule(_ID, pattern, confidence, check_, Cue.NATIONAL_ID, cued, after=True)


NATIONAL_ID_RULES = (
    # France: NIR with its key, and without; SPI of the tax office
    _id(
        r"[1-478][ .-]?\d{2}[ .-]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .-]?(?:\d{2}|2[ABab])[ .-]?\d{3}[ "
        r".-]?\d{3}[ .-]{0,3}\d{2}",
        0.9,
        check.nir,
    ),
    _id(r"[1-2][ .-]?\d{2}[ .-]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .-]?(?:\d{2}|2[ABab])[ .-]?\d{3}[ .-]?\d{3}", 0.2),
    _id(r"[0-3]\d ?\d{2} ?\d{3} ?\d{3} ?\d{3}", 0.4, check.spi),
    # Germany: tax id, pension insurance, identity card
    _id(r"\d{2}[ /]?\d{3}[ /]?\d{3}[ /]?\d{3}", 0.45, check.steuer_id),
    _id(r"\d{2}[ ]?[0-3]\d[01]\d\d{2}[ ]?[A-Z][ ]?\d{3}", 0.6, check.rentenversicherung),
    _id(
        r"[CFGHJKLMNPRTVWXYZcfghjklmnprtvwxyz][CFGHJKLMNPRTVWXYZcfghjklmnprtvwxyz0-9]{8}\d?",
        0.1,
        check.personalausweis,
    ),
    # Spain: DNI, NIE, social security
    _id(r"\d{1,2}\.?\d{3}\.?\d{3}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]", 0.75, check.dni),
    _id(r"[XYZxyz][ -]?\d{7}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]", 0.85, check.nie),
    _id(r"\d{2}[ /-]\d{8}[ /-]\d{2}", 0.7, check.nss),
    _id(r"\d{2}[ /-]?\d{8}[ /-]?\d{2}", 0.2),
    # United States: SSN and ITIN; a scanner's misreadings only where a word says SSN
    _id(r"\d{3}-\d{2}-\d{4}", 0.85, check.ssn),
    _id(r"\d{3}[ .]\d{2}[ .]\d{4}", 0.5, check.ssn),
    _id(r"\d{3}[- ]?\d{2}[- ]?\d{4}", 0.2, check.ssn),
    _id(r"[0-9OoISBZlGg]{3}-[0-9OoISBZlGg]{2}-[0-9OoISBZlGg]{4}", 0.1, check.misread),
    # United Kingdom: national insurance number, NHS number
    _id(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-D]", 0.75, check.nino),
    _id(r"[A-Za-z]{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[A-Za-z]", 0.2, check.nino),
    _id(r"\d{3}[ -]\d{3}[ -]\d{4}", 0.5, check.nhs),
    _id(r"\d{10}", 0.2, check.nhs),
    # Italy: codice fiscale
    _id(r"(?i)[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]", 0.9),
    _id(r"(?i)[A-Z]{3} ?[A-Z]{3} \d{2}[ABCDEHLMPRST]\d{2} ?[A-Z]\d{3} ?[A-Z]", 0.9),
    # Netherlands, Portugal, United States without hyphens: nine digits; the Netherlands in their own grouping
    _id(r"\d{3}[ .]?\d{3}[ .]?\d{3}", 0.25, check.nine_digits),
    _id(r"\d{4}\.\d{2}\.\d{3}", 0.5, check.bsn_grouped),
    # Portugal: the citizen's card
    _id(r"\d{8} ?\d ?[A-Z]{2}\d|\d{8} ?\d ?[A-Z]\d{2}", 0.65, check.cartao),
    _id(r"\d{8} ?\d ?[A-Z0-9]{2}\d", 0.1, check.cartao),
    # Belgium
    _id(r"\d{2}\.\d{2}\.\d{2}[ -]\d{3}[. ]\d{2}", 0.8, check.belgian),
    _id(r"\d{11}", 0.55, check.eleven_digits),
    # Austria: ten digits; Denmark, Sweden: a date and four digits
    _id(r"\d{4} ?\d{6}", 0.25, check.austrian),
    _id(r"(?:19|20)?\d{6}[-+]\d{4}", 0.55, check.nordic),
    _id(r"\d{6} \d{4}", 0.2, check.nordic),
    # Norway, grouped
    _id(r"\d{6} \d{5}", 0.7, check.norwegian_grouped),
    _id(r"(?:19|20)?\d{10}", 0.3, check.nordic),
    # Switzerland
    _id(r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", 0.85, check.ahv),
    # Finland
    _id(r"[0-3]\d[01]\d\d{2}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", 0.85, check.hetu),
    # Ireland
    _id(r"\d{7}[A-Wa-w][A-IWa-iw]?", 0.5, check.pps),
    # Canada
    _id(r"\d{3}[ -]\d{3}[ -]\d{3}", 0.45, check.sin),
    # United States: employers
    _id(r"\d{2}-\d{7}", 0.1),
    # Brazil: persons, firms
    _id(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", 0.6, check.cnpj),
    _id(r"\d{3}\.\d{3}\.\d{3}-\d{2}", 0.85, check.cpf),
    # India: Aadhaar, PAN, voter's card
    _id(r"[2-9]\d{3} \d{4} \d{4}", 0.6, check.aadhaar),
    _id(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", 0.35, check.aadhaar),
    _id(r"[A-Z]{3}[ABCFGHLJPTK][A-Z]\d{4}[A-Z]", 0.75),
    _id(r"[A-Za-z]{3}\d{7}", 0.1),
    # Australia: tax file number, Medicare
    _id(r"\d{3} ?\d{3} ?\d{2,3}", 0.2, check.tfn),
    # Singapore, Korea, South Africa, Thailand
    _id(r"[STFGMstfgm]\d{7}[A-Za-z]", 0.6),
    _id(r"\d{2}[01]\d[0-3]\d-[1-8]\d{6}", 0.75),
    _id(r"\d{13}", 0.5, check.south_african),
    _id(r"\d-?\d{4}-?\d{5}-?\d{2}-?\d", 0.3, check.thai),
    # India: tax registration of a trader
    _id(r"\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]", 0.8),
    # Any, where the word stands right before it
    _id(r"[A-Z]{0,3}[ -]?\d[0-9.\- /]{4,16}\d[A-Z]?", 0.0, check.any_id, cued=0.7),
    # United States Medicare; Germany's health card
    Rule(
        "HEALTH_INSURANCE",
        rf"[1-9]{_MBI}[0-9ac-yAC-Y]\d-?{_MBI}[0-9ac-yAC-Y]\d-?{_MBI}{{2}}\d{{2}}",
        0.8,
        None,
        Cue.HEALTH_INSURANCE,
    ),
    Rule("HEALTH_INSURANCE", r"[A-Z]\d{9}", 0.4, check.kvnr, Cue.HEALTH_INSURANCE),
)
