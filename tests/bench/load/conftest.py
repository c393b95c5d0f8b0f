"""The compiler that the upstream and the generator need."""

from __future__ import annotations

import os
import shutil

import pytest


@pytest.fixture
def compiler() -> str:
    """Where it is not installed the test is left out, and says so; with `CI` set that is a failure."""
    path = shutil.which("gcc")
    if path is None:
        text = "gcc is not installed (Debian: apt-get install gcc libc6-dev)"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return path
