"""How much is tried: little by itself, so that it is no long wait; all of it with TIDEGATE_PROOF_CASES."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def cases() -> int:
    """How many requests the large proofs make; 0: as many as do in a minute and a half."""
    return int(os.environ.get("TIDEGATE_PROOF_CASES", "0"))
