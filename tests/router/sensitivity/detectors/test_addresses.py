"""Where somebody lives."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.addresses import ADDRESSES
from router.sensitivity.thresholds import threshold
from router.sensitivity.view import view_of


def addresses(text: str) -> list[str]:
    return [text[s.start : s.end] for s in ADDRESSES.find(view_of(text), range(6)) if s.confidence >= threshold(s.type)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("ship it to 41 Quince Street, Dover, DE 19901 please", "41 Quince Street"),
        ("J'habite 8 bis, rue des Tanneurs, 37000 Tours.", "8 bis, rue des Tanneurs"),
        ("Ich wohne in der Lindenstraße 14, 50674 Köln.", "Lindenstraße 14"),
        ("Vivo en Calle Olmo 22, 28012 Madrid", "Calle Olmo 22"),
        ("send it to USS Heron, FPO AE 09501", "FPO AE 09501"),
        ("Meet me at the corner of Quince Lane and Dover Road", "corner of Quince Lane and Dover Road"),
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
    ],
)
def test_leaves_alone(text: str) -> None:
    assert addresses(text) == []
