"""If these fail, what is kept ends up where nobody looks for it, or the ledger has a second writer."""

from __future__ import annotations

from gateway.learning.place import learning_of, learning_url
from tests.gateway.config.harness import BASE, loaded

ON = "  on: {small: [small], large: [large], learning: {enabled: true, share: 0.5}}\n"


def test_it_is_a_file_of_its_own_or_beside_the_ledger_on_a_server() -> None:
    at_home = loaded(BASE)
    assert learning_url(at_home) == f"sqlite:///{at_home.state_directory}/learning.db"
    assert learning_url(loaded(BASE + "ledger: {url: 'sqlite:///money.db'}\n")).endswith("/.tidegate/learning.db")
    server = "postgresql://u:p@db/tidegate"
    assert learning_url(loaded(f"{BASE}ledger: {{url: '{server}'}}\n")) == server


def test_only_routes_that_say_so_learn() -> None:
    found = learning_of(loaded(BASE + ON).settings)
    assert list(found) == ["on"]
    assert found["on"].share == 0.5
    assert learning_of(loaded(BASE).settings) == {}
