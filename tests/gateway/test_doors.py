"""Every place that opens a connection or asks for an address, with why it may. If this fails, there is a new door: does
anything go through it that must not leave? import-linter sees modules, this sees calls; docs/locality.md names both.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPENING = frozenset(
    """
    AsyncClient Client ClientSession ConnectionPool HTTPConnection HTTPSConnection Session StrictRedis Redis connect
    connect_ex create_connection create_datagram_endpoint create_engine create_unix_connection from_url getaddrinfo
    gethostbyaddr gethostbyname getfqdn hf_hub_download open_connection open_unix_connection sendto sendmsg
    socket socketpair sock_connect sock_sendto start_tls urlopen urlretrieve
    """.split()  # noqa: SIM905
)
DOORS = {
    "gateway/alerts/post.py: open_connection": "to a webhook of `alerts.webhooks`: names, dates and dollars",
    "gateway/egress/pool.py: create_connection": "to a model, against a permit",
    "gateway/egress/pool.py: getaddrinfo": "of the host in a deployment's base_url, when a connection to it is opened",
    "gateway/egress/litellm_engine.py: AsyncClient": "litellm's, with redirects and proxies switched off",
    "gateway/detection/known.py: create_engine": "Presidio's word for loading its model; opens nothing",
    "gateway/stores/dialler.py: ConnectionPool": "to the Redis of `redis`, or one that it names",
    "gateway/stores/sql.py: create_engine": "to the database of `ledger.url`",
    "gateway/serving/models.py: hf_hub_download": "fetches a model that the configuration names, at the start",
    "gateway/serving/embedded.py: open_connection": "asks the embedded model on loopback whether it is well",
    "gateway/serving/embedded.py: socket": "holds the embedded model's port on loopback",
    "gateway/serving/listener.py: getaddrinfo": "of the address to listen on",
    "gateway/serving/listener.py: socket": "to listen on",
    "gateway/serving/worker.py: open_connection": "on a socket handed over by the parent",
    "gateway/serving/worker.py: socket": "handed over by the parent",
    "gateway/serving/worker_process.py: open_connection": "on a socket shared with a worker",
    "gateway/serving/worker_process.py: socketpair": "shared with a worker",
}


def _calls() -> Iterator[str]:
    for room in ("gateway", "router"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", None))
                    if name in OPENING:
                        yield f"{path.relative_to(ROOT)}: {name}"


def test_the_doors_are_those_that_are_known() -> None:
    assert set(_calls()) == set(DOORS)
