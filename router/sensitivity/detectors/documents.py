"""Documents and records: passports, licences, plates, vehicles, medical records, insurance policies."""

from __future__ import annotations

import re

from router.sensitivity.checksums import compact, digits, one_digit
from router.sensitivity.cues import Cue
from router.sensitivity.rule import Rule, RuleDetector

_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _vin(text: str) -> bool:
    """ISO 3779 with the North American check digit. Small letters up to f are those of a hexadecimal id,
    small and large ones those of base64."""
    value = text.upper()
    if text != value and not (text.islower() and set("GHJKLMNPRSTUVWXYZ").intersection(value)):
        return False
    total = sum(int(_VIN_VALUES.get(char, char)) * weight for char, weight in zip(value, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == value[8] and any(char.isalpha() for char in value)


def _record(text: str) -> bool:
    return len(digits(text)) >= 4 and not one_digit(compact(text)) and _YEAR.match(text) is None


def _serial(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _few_letters(text: str) -> bool:
    return len(digits(text)) >= 5


_MAKERS = (
    "WVW|WV1|WV2|WBA|WBS|WDB|WDC|WDD|W1K|WAU|WP0|WF0|W0L|WMW|VF1|VF3|VF7|VR1|VR3|VSS|VSK|ZFA|ZAR|TMB|SAL|SAJ|SJN|"
    "YV1|UU1|NMT|KNA|KMH|JTD|JHM"
)
_RECORD = r"#?(?:[A-Z]{1,6}[-/]?){0,2}\d[\d/-]{2,16}(?:-?[A-Z]{1,4})?"

_SERIAL = r"[CFGHJ-NPRTV-Z][CFGHJ-NPRTV-Z0-9]{8}\d?"

_YEAR = re.compile(r"(?:19|20)\d\d\Z")

DOCUMENT_RULES = (
    Rule("HEALTH_PRO_ID", r"\d[\d ]{5,14}\d", 0.0, _record, Cue.HEALTH_PRO, cued=0.85, contrary=1.0),
    Rule(
        "CASE_ID",
        r"(?:[A-Z]{2,4}-)?\d{2,4}[-/ ][A-Z]{1,6}[-/ ]\d{2,8}|[A-Z]{2,4}-\d{4}-\d{3,8}",
        0.0,
        None,
        Cue.CASE,
        cued=0.8,
        contrary=1.0,
    ),
    Rule("ACCOUNT_ID", r"(?:[A-Z]{2}-)?\d{5,9}", 0.0, None, Cue.BAR, cued=0.7, contrary=1.0),
    Rule(
        "MEDICAL_RECORD",
        r"(?i)(?:MRN|NHC|IPP|NIP|PAT|PT)[-#: ]{0,3}\d{4,12}",
        0.85,
        _record,
        trigger=r"(?i)(?:^|[^A-Z0-9])(?:MRN|NHC|IPP|NIP|PAT|PT)[-#: ]{0,3}\d{4}",
    ),
    Rule("MEDICAL_RECORD", _RECORD, 0.0, _record, Cue.MEDICAL_RECORD, cued=0.85, contrary=1.0),
    Rule(
        "HEALTH_INSURANCE",
        r"(?i)(?:INS|POL|HIC|HICN|MBI|KVNR)-\d{5,12}",
        0.75,
        _record,
        trigger=r"(?i)(?:^|[^A-Z0-9])(?:INS|POL|HIC|HICN|MBI|KVNR)-\d{5}",
    ),
    Rule(
        "HEALTH_INSURANCE",
        r"(?:[A-Z]{1,5}[- ]?)?\d[\d -]{2,16}\d(?:-?[A-Z]{1,4})?",
        0.0,
        _record,
        Cue.HEALTH_INSURANCE,
        cued=0.8,
    ),
    Rule(
        "PASSPORT", r"[A-Za-z]{0,3}[ -]?\d{2}[A-Za-z]{0,2}\d{3,7}[A-Za-z]?", 0.0, _few_letters, Cue.PASSPORT, cued=0.9
    ),
    Rule("PASSPORT", r"[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}", 0.0, _record, Cue.PASSPORT, cued=0.9, after=True),
    Rule("DRIVER_LICENSE", r"[A-Za-z]{0,5}[ -]?\d[A-Za-z0-9-]{4,16}", 0.0, _few_letters, Cue.LICENCE, cued=0.85),
    # United Kingdom: five letters of the name, a date with a decade in front, initials
    Rule("DRIVER_LICENSE", r"[A-Z9]{5}\d[0156]\d[0-3]\d\d[A-Z9]{2}[A-Z0-9]{3}", 0.85),
    Rule("VIN", r"[A-HJ-NPR-Za-hj-npr-z0-9]{17}", 0.5, _vin, Cue.VIN, cued=0.95),
    # Makers outside North America leave the check digit out
    Rule("VIN", rf"(?:{_MAKERS})[A-HJ-NPR-Z0-9]{{10}}\d{{4}}", 0.7),
    Rule("VIN", r"(?i)[A-HJ-NPR-Z0-9]{13}\d{4}", 0.0, _few_letters, Cue.VIN, cued=0.85),
    Rule("PRESCRIPTION", r"(?i)RX[-# ]{0,2}\d{5,12}", 0.6),
    Rule("PRESCRIPTION", r"(?i)(?:[A-Z]{1,3}[-# ]?)?\d{5,16}", 0.0, _record, Cue.PRESCRIPTION, cued=0.8),
)

PAPERS = RuleDetector(
    "papers",
    (
        Rule(
            "LICENSE_PLATE",
            r"[A-Z]{2}[ -]\d{3}[ -][A-Z]{2}|[A-Z]{2}\d{2} ?[A-Z]{3}|"
            r"[A-Z]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?|\d{4}[ -]?[BCDFGHJKLMNPRSTVWXYZ]{3}"
            r"|[A-Z]{1,3}[ -][A-Z]{1,2}[ -]?\d{2,4}[EH]?|[A-Z]{2}-?\d{3}-?[A-Z]{1,2}|[A-Z]-\d{3}-[A-Z]{2}"
            r"|[A-Z]{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-[A-Z]{2}|[A-Z]{2}-[A-Z]{2}-\d{2}|\d{1,2}-[A-Z]{3}-\d{1,3}"
            r"|\d{1,4}[ -][A-Z]{2,3}[ -]\d{2}|[A-Z]{3}[ -]\d{3,4}(?:[A-Z]{2})?|[A-Z]{3}\d{4}|\d[A-Z]{3}\d{3}"
            r"|[A-Z]{2,3} ?\d{5}",
            0.0,
            None,
            Cue.PLATE,
            cued=0.8,
            trigger=r"(?i)\b(?:plate|vehicle|vehicles|car|registration|reg|immatricul\w*|plaque|"
            r"vehicule|(?:auto|kfz-)?kennzeichen|kfz|fahrzeug|"
            r"nummernschild|matricula|placa|vehiculo|targa|kenteken)\b",
        ),
        # Serials of cards and passports that hold too few digits to be a number: Germany since 2007
        Rule(
            "PASSPORT",
            _SERIAL,
            0.0,
            _serial,
            Cue.PASSPORT,
            cued=0.9,
            trigger=r"(?i)(?:pass-?(?:port|nummer|nr)|passeport|pasaporte|passaporto|paspoort|paszport)",
        ),
        Rule(
            "NATIONAL_ID",
            _SERIAL,
            0.0,
            _serial,
            Cue.NATIONAL_ID,
            cued=0.9,
            trigger=r"(?i)(?:ausweis|\b(?:id|identity) ?card)",
        ),
    ),
)
