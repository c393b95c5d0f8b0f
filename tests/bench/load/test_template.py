"""A placeholder left in a configuration would start a system that is not the one meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.load.registry import systems
from bench.load.template import Templates, filled
from gateway.config.load import load

CONF = Path(__file__).parents[3] / "bench" / "load" / "conf"
KNOWN = ("port", "port2", "up", "redis", "tmp", "workers", "env", "here", "root", "venv", "name")


def test_a_value_may_hold_a_name() -> None:
    assert filled("{a}/x", {"a": "{b}", "b": "c"}) == "c/x"


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("{missing}", {})


def test_a_configuration_is_written_and_named(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "x.yaml.in").write_text("port: @PORT@\nredis: @REDIS_URL@\n")
    values = {"port": "81", "redis": "82", "redis_url": "redis://127.0.0.1:{redis}/1"}
    assert Templates(values, conf, tmp_path).fill("--config={conf:x.yaml}") == f"--config={tmp_path / 'x.yaml'}"
    assert (tmp_path / "x.yaml").read_text() == "port: 81\nredis: redis://127.0.0.1:82/1\n"


@pytest.mark.parametrize("name", systems())
def test_every_entry_can_be_filled_in(name: str, tmp_path: Path) -> None:
    spec = systems()[name]
    templates = Templates(dict.fromkeys(KNOWN, "1") | dict(spec.values) | dict(spec.several), CONF, tmp_path)
    for text in (*spec.command, *spec.settings.values(), *spec.headers.values()):
        assert "{" not in templates.fill(text)
    for made in tmp_path.iterdir():
        assert "@" not in made.read_text()


@pytest.mark.parametrize("name", [name for name, spec in systems().items() if spec.kind == "ours"])
def test_our_own_configuration_is_valid_and_has_all_on(name: str, tmp_path: Path) -> None:
    spec = systems()[name]
    values = dict.fromkeys(KNOWN, "8081") | {"tmp": str(tmp_path), "name": name} | dict(spec.values)
    loaded = load(Path(Templates(values, CONF, tmp_path).fill("{conf:tidegate.yaml}")))
    settings = loaded.settings
    assert settings.cache.enabled is spec.cache
    assert bool(settings.redis.url.get_secret_value()) is spec.redis
    assert settings.keys
    assert settings.routes["fake"].prefer == "auto"  # difficulty decides
    assert all(deployment.price for deployment in settings.deployments.values())
