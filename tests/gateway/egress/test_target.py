"""If these fail, a key shows up in a log, or a deployment is called at the wrong place."""

from __future__ import annotations

import pytest

from gateway.config.kinds import Secret
from gateway.config.settings import Deployment, Route, RouteTimeouts, Timeouts
from gateway.config.snapshot import Endpoint
from gateway.egress.target import patience_of, target_of, targets_of


def test_an_embedded_deployment_is_where_the_parent_runs_it() -> None:
    target = target_of("small", Deployment(zone="local", engine="embedded"), Endpoint("http://127.0.0.1:9/v1", "k"))
    assert (target.base_url, target.api_key) == ("http://127.0.0.1:9/v1", "k")


def test_a_key_is_not_shown() -> None:
    deployment = Deployment(zone="cloud", engine="openai", base_url="https://x.test/v1/", api_key=Secret("sk-secret"))
    target = target_of("large", deployment, None)
    assert target.api_key == "sk-secret"
    assert target.base_url == "https://x.test/v1"
    assert "sk-secret" not in repr(target)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://lab.openai.azure.com/openai/v1", "max_completion_tokens"),
        ("http://127.0.0.1:11434/v1", "max_tokens"),
        ("https://api.openai.com.example.org/v1", "max_tokens"),
    ],
)
def test_what_the_limit_of_an_answer_is_called_there(address: str, name: str) -> None:
    assert target_of("x", Deployment(zone="cloud", engine="openai", base_url=address), None).limit_name == name
    assert target_of("x", Deployment(zone="cloud", engine="litellm", model="a/b"), None).limit_name == "max_tokens"


@pytest.mark.parametrize(
    ("zone", "own", "route", "expected"),
    [
        ("cloud", {}, {}, (5, 120, 60, 600)),
        ("local", {}, {}, (5, 600, 60, 600)),
        ("local", {"total": 900}, {}, (5, 900, 60, 900)),
        ("local", {"total": 900, "first_token": 30}, {}, (5, 30, 60, 900)),
        ("local", {"first_token": 30}, {"first_token": 90}, (5, 90, 60, 600)),
        ("local", {}, {"total": 50}, (5, 50, 60, 50)),
        ("cloud", {"connect": 1, "between_chunks": 2}, {"total": 50}, (1, 120, 2, 50)),
        ("cloud", {"connect": 1}, {"connect": 2, "between_chunks": 3, "first_token": 4, "total": 5}, (2, 4, 3, 5)),
    ],
)
def test_how_long_is_waited(
    zone: str, own: dict[str, float], route: dict[str, float], expected: tuple[float, ...]
) -> None:
    """A model at home may have to be loaded first; what the route says counts before what the deployment says."""
    deployment = Deployment(zone=zone, engine="openai", base_url="http://127.0.0.1:9/v1", timeouts=Timeouts(**own))
    assert patience_of(deployment, RouteTimeouts(**route)) == expected


def test_a_routes_patience_makes_no_other_target_of_a_deployment() -> None:
    """Else every such route would have connections of its own."""
    deployments = {"x": Deployment(zone="cloud", engine="openai", base_url="https://x.test/v1")}
    hasty = Route(small=("x",), timeouts=RouteTimeouts(first_token=3))
    targets = targets_of(deployments, {"plain": Route(small=("x",)), "hasty": hasty}, {})
    assert targets["plain"]["x"] == targets["hasty"]["x"]
    assert hash(targets["plain"]["x"]) == hash(targets["hasty"]["x"])
    assert [targets[name]["x"].patience.first_token for name in ("plain", "hasty")] == [120, 3]
