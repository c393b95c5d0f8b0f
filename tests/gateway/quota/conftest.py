"""Workers of a test's own, closed at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.gateway.quota.opening import Open, opened


@pytest.fixture
async def opening() -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        yield opened(stack)
