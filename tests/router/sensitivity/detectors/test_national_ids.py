"""National identifiers: every country's, in every way they are written, behind and before the word that names them."""

from __future__ import annotations

import pytest

from router.content import content_of_text
from router.sensitivity.scanner import Scanner

# Drawn at random and valid by python-stdnum (`bench/identifiers`).
_NUMBERS = [
    ("numéro de sécurité sociale", "1 93 08 2B 184 398 78", "1.63.08.84.081.127.23", "250033918513671"),
    ("numéro fiscal", "14 75 323 977 036", "2477750920323"),
    ("Steuer-ID", "94 802 919 679", "54512730982"),
    ("steuerliche Identifikationsnummer", "94 802 919 679"),
    ("Personalausweisnummer", "WVMK4L28T", "N4Y8T92C10"),
    ("Rentenversicherungsnummer", "82 060347 S 660", "40130164K597"),
    ("Krankenversichertennummer", "S235107467"),
    ("DNI", "41213779X", "32.664.511-A", "98832387 F", "30116939-A"),
    ("NIE", "Z-4193554-S", "X3023187K"),
    ("número de la Seguridad Social", "03 84014241 68", "32-37166851-13", "46/47268291/37", "381722951356"),
    ("codice fiscale", "FNC GVN 94M57 G523X", "CRTFVR76A04B284U"),
    ("BSN", "391.739.906", "458405243", "4584.05.243"),
    ("rijksregisternummer", "51070851376", "62.01.26-583.43"),
    ("PESEL", "46031970967"),
    ("NIF", "333 493 400", "282765476"),
    ("Cartão de Cidadão", "20884116 7 CQ4", "650725157JV2"),
    ("Sozialversicherungsnummer", "1379120684", "5075 030872"),
    ("AHV-Nummer", "756.9950.0208.32", "7568380683860"),
    ("personnummer", "19910220-4832", "690517-1481", "6312233031"),
    ("henkilötunnus", "051269-097U"),
    ("CPR-nummer", "090694 3897", "271174-0996", "0508992080"),
    ("fødselsnummer", "020449 44092", "20048611223"),
    ("D-nummer", "52076217106", "440565 61339"),
    ("PPS number", "7216035J", "1988509MW"),
    ("TC kimlik numarası", "97020118334"),
    ("National Insurance number", "SA 99 38 90 A", "CH355230A", "TX-60-32-04-D"),
    ("NHS number", "442-392-0697", "9917281029", "427 924 4790"),
    ("UTR", "91601 62432", "7273164177"),
    ("SSN", "712268302", "746 64 2394", "527-22-9801"),
    ("ITIN", "938-76-3404", "972887812"),
    ("EIN", "38-2886688"),
    ("SIN", "162-879-456", "691468599", "205 097 199"),
    ("CPF", "88889449152", "339.193.332-17"),
    ("CNPJ", "25.687.249/0001-48", "97505134000104"),
    ("Aadhaar number", "6196-5032-6202", "8608 8664 4530", "544367961845"),
    ("PAN", "IJDPM7297S"),
    ("TFN", "908593817", "113 184 770"),
    ("Medicare number", "5326261633", "2710 11758 1"),
]
_CASES = [(label, value) for label, *values in _NUMBERS for value in values]
# Form and checksum say enough.
_TELLING = [
    "1 93 08 2B 184 398 78",
    "03 84014241 68",
    "82 060347 S 660",
    "FNC GVN 94M57 G523X",
    "20884116 7 CQ4",
    "020449 44092",
    "25.687.249/0001-48",
    "Z-4193554-S",
    "339.193.332-17",
    "051269-097U",
    "756.9950.0208.32",
]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner.default()


def covered(scanner: Scanner, text: str, value: str) -> bool:
    start = text.index(value)
    findings = scanner.scan(content_of_text(text)).findings
    return any(each.start <= start and start + len(value) <= each.end for each in findings)


@pytest.mark.parametrize(("label", "value"), _CASES)
def test_is_found_behind_its_name(scanner: Scanner, label: str, value: str) -> None:
    assert covered(scanner, f"{label}: {value}", value)


@pytest.mark.parametrize(("label", "value"), _CASES)
def test_is_found_before_its_name(scanner: Scanner, label: str, value: str) -> None:
    assert covered(scanner, f"They say {value} is no valid {label}.", value)


@pytest.mark.parametrize("value", _TELLING)
def test_needs_no_name_where_form_and_checksum_tell(scanner: Scanner, value: str) -> None:
    assert covered(scanner, f"Please use {value} there.", value)


@pytest.mark.parametrize(
    "text",
    [
        "DNI stands for documento nacional de identidad",
        "a Steuer-ID has 11 digits, of which the first is not 0",
        "the SSN format is three digits, two digits, four digits",
        "Retry with tax = 1.414214 and 0.785398",
        "your tax id service runs at 203.0.113.9",
        "1000 members and 4000 items, my account",
    ],
)
def test_leaves_alone(scanner: Scanner, text: str) -> None:
    assert scanner.scan(content_of_text(text)).findings == ()
