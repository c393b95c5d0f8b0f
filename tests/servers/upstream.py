"""Two scripted upstreams, `local-model` at home and `cloud-model` outside: one pair a session, clean for each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Upstreams:
    local: Upstream
    cloud: Upstream

    def assert_cloud_saw_nothing(self) -> None:
        """Not one byte, and no connection that could carry one."""
        assert self.cloud.journal.raw == b""
        assert not self.cloud.journal.looks

    def reset(self) -> None:
        self.local.reset()
        self.cloud.reset()


@pytest.fixture(scope="session")
def upstreams_of_session() -> Iterator[Upstreams]:
    with Upstream("local-model") as local, Upstream("cloud-model") as cloud:
        yield Upstreams(local, cloud)


@pytest.fixture
def upstreams(upstreams_of_session: Upstreams) -> Iterator[Upstreams]:
    upstreams_of_session.reset()
    yield upstreams_of_session
    assert upstreams_of_session.local.stumbles == []
    assert upstreams_of_session.cloud.stumbles == []
    upstreams_of_session.reset()
