"""A Redis that speaks TLS alone and asks for a certificate: the system's, since Valkey's wheel has no TLS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.harness.authority import Authority, Issued
from tests.servers.redis import program
from tests.servers.valkey import ValkeyServer


class TlsServer(ValkeyServer):
    """Its certificate is for 127.0.0.1, unless `name` and `address` say otherwise."""

    def __init__(self, directory: Path, name: str = "redis", address: str | None = "127.0.0.1") -> None:
        self.authority = Authority(directory)
        own = self.authority.issue(name, address)
        self.visitor: Issued = self.authority.issue("gateway", None)
        files = ("--tls-cert-file", own.certificate, "--tls-key-file", own.key, "--tls-ca-cert-file", self.authority.ca)
        super().__init__(directory, program(), [*map(str, files), "--tls-auth-clients", "yes"])
        self._secured = {
            "ssl": True,
            "ssl_ca_certs": str(self.authority.ca),
            "ssl_certfile": str(self.visitor.certificate),
            "ssl_keyfile": str(self.visitor.key),
            "ssl_check_hostname": False,
        }

    @property
    def url(self) -> str:
        return super().url.replace("redis://", "rediss://")

    @property
    def settings(self) -> dict[str, object]:
        return {"url": self.url, "tls": self.tls}

    @property
    def tls(self) -> dict[str, str]:
        visitor = self.visitor
        return {"ca": str(self.authority.ca), "certificate": str(visitor.certificate), "key": str(visitor.key)}

    def _listening(self) -> Sequence[str]:
        return ("--port", "0", "--tls-port", str(self.port))


@pytest.fixture(scope="session")
def tls_of_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    with TlsServer(tmp_path_factory.mktemp("tls")) as server:
        yield server


@pytest.fixture
def tls(tls_of_session: TlsServer) -> TlsServer:
    with tls_of_session.client() as client:
        client.flushall()
    return tls_of_session
