"""The settings themselves: strict, frozen, and forgiving only where nothing can be meant otherwise."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from gateway.config.settings import Deployment, MachinePrice, Route, Server, Settings


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValidationError, match="smal"):
        Route.model_validate({"smal": []})
    with pytest.raises(ValidationError, match="smal"):
        Route.model_validate({"smal": None})


def test_they_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Server().__setattr__("port", 1)


def test_a_setting_with_nothing_after_it_is_left_out() -> None:
    settings = Settings.model_validate({"deployments": {}, "routes": {}, "keys": None, "redis": None, "state": None})
    assert settings == Settings(deployments={}, routes={})
    with pytest.raises(ValidationError, match="deployments"):
        Settings.model_validate({"deployments": None, "routes": {}})


def test_an_empty_text_is_left_out_where_there_may_be_none() -> None:
    server = Server.model_validate({"metrics_key": ""})
    assert server.metrics_key is None  # an empty key would open the metrics to everyone who sends an empty token
    deployment = Deployment.model_validate({"zone": "local", "engine": "openai", "base_url": "", "api_key": ""})
    assert (deployment.base_url, deployment.api_key) == (None, None)
    with pytest.raises(ValidationError, match="port"):
        Server.model_validate({"port": ""})


@pytest.mark.parametrize("amount", ["-1", "1000001", "NaN", "Infinity", "1e", ""])
def test_an_amount_of_money_is_a_sensible_number(amount: str) -> None:
    with pytest.raises(ValidationError):
        MachinePrice.model_validate({"per_hour": amount})


def test_an_amount_of_money_is_exact() -> None:
    assert MachinePrice.model_validate({"per_hour": "0.1"}).per_hour == Decimal("0.1")
