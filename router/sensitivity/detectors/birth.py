"""Dates of birth: a date right behind a word of birth."""

from __future__ import annotations

from router.sensitivity.cues import Cue
from router.sensitivity.rule import Rule, RuleDetector

_MONTH = (
    r"(?:jan|feb|fev|mar|mrz|apr|avr|abr|may|mai|maj|mei|maa|jun|jul|juin|juil|aug|aou|ago|sep|oct|okt|nov|dec|dez|des|"
    r"dic|ene|gen|mag|giu|lug|set|ott|out|sty|lut|kwi|cze|lip|sie|wrz|paz|lis|gru)[a-z]{0,9}"
)
_YEAR = r"(?:19|20)\d{2}"  # the dead of older centuries are history
_DATE = (
    rf"\d{{1,2}}[./ -] ?\d{{1,2}}[./ -] ?(?:{_YEAR}|\d{{2}})|{_YEAR}[./-]\d{{1,2}}[./-]\d{{1,2}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|\.)?(?: of| de|-)?[ -]?{_MONTH}\.?,?(?: de| del| of|-)?[ -]?{_YEAR}|{_MONTH}\.? "
    rf"\d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}"
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
            memory=1 << 20,  # so many months: with less, it starts again and again
            trigger=r"(?i)\b(?:born|birth|birthday|birthdate|dob|d\.o\.b|nee?|naissance|ddn|geb|"
            r"geboren\w*|geburts\w+|nacid[oa]|nacimiento|naci|"
            r"anniversaire|nacio|cumpleanos|nat[oa]|nascita|compleanno|geboorte\w*|verjaardag|urodz\w*|nascimento|"
            r"nascid[oa]|aniversario|fodt|fodelsedatum|syntynyt)\b",
        ),
    ),
)
