"""An illness is a subject; somebody's illness is a secret."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.health import HEALTH
from router.sensitivity.view import view_of


@pytest.mark.parametrize(
    "text",
    [
        "Patient Jean Dupont, né le 12/03/1961, diabète de type 2",
        "I was diagnosed with bipolar disorder last week",
        "Ma fille a une dépression, que dire à l'école ?",
        "Bei mir wurde Krebs festgestellt",
        "Me han diagnosticado epilepsia",
    ],
)
def test_tied_to_a_person(text: str) -> None:
    assert [span.type for span in HEALTH.find(view_of(text), [0])][:1] == ["HEALTH"]


@pytest.mark.parametrize(
    "text",
    [
        "What are the symptoms of diabetes?",
        "Best practices for managing asthma in adults",
        "Quels sont les traitements du cancer du sein ?",
        "Welche Medikamente helfen gegen Depressionen?",
    ],
)
def test_a_question_is_nobodys_health(text: str) -> None:
    assert list(HEALTH.find(view_of(text), [0])) == []
