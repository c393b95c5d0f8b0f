"""The default model's file, checked once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.serving.models import resolve


@pytest.fixture(scope="session")
def weights() -> Path:
    return resolve("default", Path(), lambda _: None)
