"""Papers, records and hosts: each found where a word says what it is, and left alone where none does."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.scanner import Scanner


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my passport number is XK4829177", "PASSPORT"),
        ("Reisepass C01X00T47 verloren", "PASSPORT"),
        ("permis de conduire 14AA00002", "DRIVER_LICENSE"),
        ("véhicule immatriculé AB-123-CD", "LICENSE_PLATE"),
        ("(MRN: 48219077)", "MEDICAL_RECORD"),
        ("insurance ID: HX-55821", "HEALTH_INSURANCE"),
        ("NPI: 1234567893", "HEALTH_PRO_ID"),
        ("she was born on March 3, 1971", "DATE_OF_BIRTH"),
        ("née le 04/07/1988", "DATE_OF_BIRTH"),
        ("geboren am 3. März 1971", "DATE_OF_BIRTH"),
        ("client logged in from 81.2.69.142", "IP"),
        ("device 3c:22:fb:9a:01:7e", "MAC"),
        ("codice fiscale RSSMRA85T10A562S", "NATIONAL_ID"),
        ("mijn BSN is 111222333", "NATIONAL_ID"),
        ("my NI number is QQ 12 34 56 C", "NATIONAL_ID"),
        ("AHV 756.9217.0769.85", "NATIONAL_ID"),
    ],
)
def test_finds(scanner: Scanner, text: str, kind: str) -> None:
    assert kind in {finding.type for finding in scanner.scan(content_of_text(text)).findings}


@pytest.mark.parametrize(
    "text",
    [
        "model XK4829177 is out of stock",
        "bind to 127.0.0.1:8080 or 0.0.0.0",
        "the battle of 3 March 1971",
        "ISBN 978-3-16-148410-0",
        "version 81.2.69",
    ],
)
def test_leaves_alone(scanner: Scanner, text: str) -> None:
    assert scanner.scan(content_of_text(text)).findings == ()
