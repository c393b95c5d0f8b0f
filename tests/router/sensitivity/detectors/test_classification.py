"""What its author has labelled confidential is; a sentence about secrets is not."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.classification import CLASSIFICATION
from router.sensitivity.patterns import PatternSet
from router.sensitivity.view import view_of

TRIGGERS = PatternSet(CLASSIFICATION.triggers)


def found(text: str) -> list[str]:
    view = view_of(text)
    hits = TRIGGERS.match(view.data)
    return [text[s.start : s.end] for s in CLASSIFICATION.find(view, hits)] if hits else []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("CONFIDENTIAL – INTERNAL\nResults of the quarter", "CONFIDENTIAL"),
        ("Streng vertraulich\n\nBericht", "Streng vertraulich"),
        ("STRENG VERTRAULICH: Bericht", "STRENG VERTRAULICH"),
        ("CONFIDENTIEL\nRapport", "CONFIDENTIEL"),
        ("Diffusion : DIFFUSION RESTREINTE", "DIFFUSION RESTREINTE"),
        ("classification: restricted\n", "restricted"),
        ("**Confidential**\nMinutes", "Confidential"),
        ("TLP:RED do not share", "TLP:RED"),
        ("GEHEIM\nBericht", "GEHEIM"),
        ("Streng vertraulich – nicht weitergeben\n", "Streng vertraulich – nicht weitergeben"),
        ("VS-NUR FÜR DEN DIENSTGEBRAUCH", "VS-NUR FÜR DEN DIENSTGEBRAUCH"),
        ("Nur für den internen Gebrauch", "Nur für den internen Gebrauch"),
        ("C2 - Usage interne", "Usage interne"),
        ("Confidentiel - ne pas diffuser\nNote", "Confidentiel - ne pas diffuser"),
        ("USO INTERNO", "USO INTERNO"),
        ("Clasificación: Reservado", "Reservado"),
        ("STRETTAMENTE RISERVATO", "STRETTAMENTE RISERVATO"),
        ("Sensibilità: riservato", "riservato"),
        ("STRIKT VERTROUWELIJK", "STRIKT VERTROUWELIJK"),
        ("Alleen voor intern gebruik", "Alleen voor intern gebruik"),
        ("Draft - Privileged & Confidential", "Privileged & Confidential"),
    ],
)
def test_finds(text: str, label: str) -> None:
    assert label in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "What does confidential mean?",
        "How do I keep a secret?",
        "Is the restricted stock unit taxed?",
        "Das bleibt streng vertraulich unter uns, sagt die Figur.",
        "El autor es muy reservado.",
        "Tutti i diritti riservati",
        "Het geheim van de smid",
        "Uso interno de la memoria",
    ],
)
def test_leaves_talk_alone(text: str) -> None:
    assert found(text) == []
