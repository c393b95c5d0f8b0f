"""If these fail, a domain is changed after it was fitted, or weighs more than a megabyte."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from router.difficulty.view import view_of_text
from router.specialists.background import SHIPPED, Background
from router.specialists.fitting import fit
from router.specialists.prompt import prompt_of
from tests.router.specialists.prompts import SUPPORT


def test_it_is_a_byte_for_each_key_and_stays_as_it_is() -> None:
    domain = fit("faq", [prompt_of(view_of_text(text)) for text in SUPPORT], Background.load(SHIPPED))
    assert domain.table.nbytes == 1 << 20
    assert domain.name == "faq"
    with pytest.raises((FrozenInstanceError, AttributeError)):
        domain.step = 2.0  # type: ignore[misc]
