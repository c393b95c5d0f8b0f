"""If these fail, ordinary turns count as blame or praise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.learning.cues import verdict_of


@pytest.mark.parametrize(
    "turn",
    [
        "That's wrong.",
        "That’s WRONG, it should be 5.",
        "No, that is not correct. Look at line 3 again.",
        "no no, try again",
        "Sorry, but you misunderstood me",
        "Try again",
        "It doesn't work: TypeError on line 4",
        "Non, c'est faux !",
        "Désolé, mais ce n'est pas ce que j'ai demandé.",
        "Réessaie, s'il te plaît.",
        "Nein, das ist falsch.",
        "Das stimmt so nicht, es sind 14 Tage.",
        "Versuch es noch einmal",
        "Eso está mal.",
        "No, eso no es correcto",
        "Inténtalo de nuevo, por favor",
    ],
)
def test_blame(turn: str) -> None:
    assert verdict_of(turn) == 0.0


@pytest.mark.parametrize(
    "turn",
    [
        "Thanks!",
        "Thank you so much. Now translate it into German.",
        "Perfect",
        "Ok, thanks",
        "That works.",
        "Merci beaucoup !",
        "Danke schön",
        "Super, danke"[7:],
        "Vielen Dank für die schnelle Hilfe",
        "¡Muchas gracias!",
        "Perfecto, gracias",
    ],
)
def test_praise(turn: str) -> None:
    assert verdict_of(turn) == 1.0


@pytest.mark.parametrize(
    "turn",
    [
        "",
        "?!",
        "no",
        "Explain why that is wrong.",
        "Is that wrong?",
        "What is wrong with this code? It doesn't work in Firefox.",
        "Thanks in advance for your help with this proof.",
        "Thanks, but the last step is missing.",
        "Danke im Voraus",
        "Danke, aber das war nicht gefragt",
        "Merci d'avance",
        "Gracias de antemano",
        "How do I say thank you in Korean?",
        "Now do the same for Spain.",
        "Wrongful termination: what are my rights?",
        "Translate: das ist falsch",
        "Perfection is the enemy of the good. Who said so?",
    ],
)
def test_neither(turn: str) -> None:
    assert verdict_of(turn) is None


@given(st.text(max_size=400))
def test_anything_is_one_of_three(turn: str) -> None:
    assert verdict_of(turn) in (0.0, 1.0, None)


@given(st.sampled_from(["So", "Explain", "Warum", "Pourquoi", "Why"]), st.text(max_size=40))
def test_what_does_not_begin_with_a_cue_is_none(first: str, rest: str) -> None:
    assert verdict_of(f"{first} that is wrong thanks {rest}") is None
