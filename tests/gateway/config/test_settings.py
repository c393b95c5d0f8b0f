"""The settings themselves: strict, frozen, and forgiving only where nothing can be meant otherwise."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest
from pydantic import ValidationError

from gateway.config.price import MachinePrice
from gateway.config.settings import Deployment, Route, Server, Settings
from gateway.config.shape import settings_of


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValidationError, match="smal"):
        settings_of(Route, {"smal": []})
    with pytest.raises(ValidationError, match="smal"):
        settings_of(Route, {"smal": None})


def test_they_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Server().__setattr__("port", 1)


def test_a_setting_with_nothing_after_it_is_left_out() -> None:
    settings = settings_of(Settings, {"deployments": {}, "routes": {}, "keys": None, "redis": None, "state": None})
    assert settings == Settings(deployments={}, routes={})
    with pytest.raises(ValidationError, match="deployments"):
        settings_of(Settings, {"deployments": None, "routes": {}})


def test_an_empty_text_is_left_out_where_there_may_be_none() -> None:
    server = settings_of(Server, {"metrics_key": ""})
    assert server.metrics_key is None  # an empty key would open the metrics to everyone who sends an empty token
    deployment = settings_of(Deployment, {"zone": "local", "engine": "openai", "base_url": "", "api_key": ""})
    assert (deployment.base_url, deployment.api_key) == (None, None)
    with pytest.raises(ValidationError, match="port"):
        settings_of(Server, {"port": ""})


@pytest.mark.parametrize("amount", ["-1", "1000001", "NaN", "Infinity", "1e", ""])
def test_an_amount_of_money_is_a_sensible_number(amount: str) -> None:
    with pytest.raises(ValidationError):
        settings_of(MachinePrice, {"per_hour": amount})


def test_an_amount_of_money_is_exact() -> None:
    assert settings_of(MachinePrice, {"per_hour": "0.1"}).per_hour == Decimal("0.1")
