"""Dates of birth: a date right behind a word of birth."""

from __future__ import annotations

from router.sensitivity.cues import Cue
from router.sensitivity.rule import Rule, RuleDetector

_MONTH = (
    r"(?:jan|feb|fev|mar|mrz|apr|avr|abr|may|mai|jun|jul|juin|juil|aug|aou|ago|sep|oct|okt|nov|"
    r"dec|dez|dic|ene)[a-z]{0,7}"
)
_DATE = (
    r"\d{1,2}[./ -]\d{1,2}[./ -]\d{2,4}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|\.)?(?: of| de)? {_MONTH}\.?,?(?: de| of)? \d{{4}}|{_MONTH}\.? "
    rf"\d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
)


BIRTH_DATES = RuleDetector(
    "birth",
    (
        Rule(
            "DATE_OF_BIRTH",
            rf"(?i)(?:{_DATE})",
            0.0,
            None,
            Cue.BIRTH,
            cued=0.9,
            contrary=1.0,
            trigger=r"(?i)\b(?:born|birth|birthday|birthdate|dob|d\.o\.b|nee?|naissance|ddn|geb|"
            r"geboren\w*|geburts\w+|nacid[oa]|nacimiento|naci|"
            r"nat[oa]|nascita|geboorte\w*|urodzon\w*|nascimento)\b",
        ),
    ),
)
