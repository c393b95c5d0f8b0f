"""If these fail, a key shows up in a log, or a deployment is called at the wrong place."""

from __future__ import annotations

import pytest

from gateway.config.kinds import Secret
from gateway.config.settings import Deployment
from gateway.config.snapshot import Endpoint
from gateway.egress.target import target_of


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
