"""Where somebody lives."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.addresses import ADDRESSES
from router.sensitivity.thresholds import threshold
from router.sensitivity.view import view_of


def addresses(text: str) -> list[str]:
    return [
        text[s.start : s.end] for s in ADDRESSES.find(view_of(text), range(10)) if s.confidence >= threshold(s.type)
    ]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("ship it to 41 Quince Street, Dover, DE 19901 please", "41 Quince Street"),
        ("J'habite 8 bis, rue des Tanneurs, 37000 Tours.", "8 bis, rue des Tanneurs"),
        ("Ich wohne in der Lindenstraße 14, 50674 Köln.", "Lindenstraße 14"),
        ("Vivo en Calle Olmo 22, 28012 Madrid", "Calle Olmo 22"),
        ("send it to USS Heron, FPO AE 09501", "FPO AE 09501"),
        ("Meet me at the corner of Quince Lane and Dover Road", "corner of Quince Lane and Dover Road"),
        ("Keizersgracht 241, 1016 EA Amsterdam", "Keizersgracht 241"),
        ("Rue du Rhône 14, CH-1204 Genève", "Rue du Rhône 14"),
        ("3 montée de la Grande Côte, 69001 Lyon", "3 montée"),
        ("ul. Kwiatowa 5/12, 00-950 Warszawa", "Kwiatowa 5/12"),
        ("Rua das Flores 23, 2.º Esq., 4050-262 Porto", "Rua das Flores 23"),
        ("Calle del Pez, 14, 3º izq., 28004 Madrid", "Calle del Pez, 14"),
        ("Storgatan 12, 114 44 Stockholm", "Storgatan 12"),
        ("Rose Cottage, Church Lane, Little Snoring, NR21 0HW", "Rose Cottage"),
        ("88 N 400 W, Provo, UT 84601", "88 N 400 W"),
        ("14, MG Road, Bengaluru 560001", "14, MG Road"),
        ("PO Box 1432, Boise, ID 83701", "PO Box 1432"),
        ("BP 142, 59020 Lille Cedex", "BP 142"),
        ("RR 2 Box 118, Ames, IA 50010", "RR 2 Box 118"),
        ("Domicilio: calle de finisterre 15", "calle de finisterre 15"),
        ("eva lives at 255 hersnapvej 18", "255 hersnapvej"),
        ("I'll meet you at Olmgata 7 Brook Crossing, Apt. 12", "Olmgata 7"),
    ],
)
def test_finds(text: str, part: str) -> None:
    assert any(part in address for address in addresses(text))


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "Judy donne 5 cours par jour.",
        "Das Team steht auf Platz 3.",
        "In 1886 Robert left.",
        "Version 14, 10000 Users in Europe",
        "Klasse 5, 12000 Euro Förderung",
        "En 1999, 12000 Personnes ont manifesté",
        "IP address: 10 hosts in rack",
        "address: string",
        "Table 2, 10115 Samples",
    ],
)
def test_leaves_alone(text: str) -> None:
    assert addresses(text) == []
