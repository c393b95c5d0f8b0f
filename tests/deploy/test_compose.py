"""If these fail, `docker compose up` fails on somebody else's machine, or opens a way out of the house."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyOptions

from gateway.config.load import load
from gateway.version import VERSION

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DEPLOY = ROOT / "deploy"
SECRETS = {"TIDEGATE_KEY", "REDIS_PASSWORD", "POSTGRES_PASSWORD", "GRAFANA_PASSWORD"}
OPTIONAL = {"OPENAI_API_KEY", "TIDEGATE_STATE_KEY"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def test_it_keeps_the_compose_specification() -> None:
    parsed = PyOptions(apply_merge=True).from_yaml(COMPOSE.read_text())
    parsed.validate()
    assert set(parsed.service_names()) == {
        "gateway", "model", "ollama", "redis", "postgres", "prometheus", "grafana",
    }  # fmt: skip


def test_the_specification_is_really_checked() -> None:
    with pytest.raises(ValueError, match="prots"):
        PyOptions(apply_merge=True).from_yaml("services: {web: {image: 'web:1', prots: ['80:80']}}")


def test_images_are_pinned_to_a_full_version(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z]+)?$", service["image"]), name
    assert compose["services"]["gateway"]["image"] == f"tidegate:{VERSION}"
    assert compose["services"]["model"]["image"] == compose["services"]["ollama"]["image"]


def test_files_that_are_mounted_or_built_from_exist(compose: dict[str, Any]) -> None:
    mounted = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
        if volume.startswith(".")
    ]
    assert len(mounted) == 4
    for path in (*mounted, compose["services"]["gateway"]["build"]["dockerfile"]):
        assert (ROOT / path).exists(), path


def test_only_gateway_and_grafana_are_published_and_only_on_loopback(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if service.get("ports")}
    assert published == {"gateway": ["127.0.0.1:8080:8080"], "grafana": ["127.0.0.1:3000:3000"]}


def test_what_sees_requests_has_no_way_out_but_the_gateway(compose: dict[str, Any]) -> None:
    inside = {name for name, network in compose["networks"].items() if network.get("internal")}
    with_a_way_out = {name for name, service in compose["services"].items() if set(service["networks"]) - inside}
    assert with_a_way_out == {"gateway", "model", "grafana"}
    assert set(compose["services"]["model"]["networks"]) & inside == set()  # fetches the model, sees nobody
    assert set(compose["services"]["grafana"]["networks"]) & inside == {"monitoring"}  # sees numbers only


def test_every_lasting_service_has_a_healthcheck_and_named_volumes(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if name != "model":
            assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source.startswith("./") or source in compose["volumes"], volume


def test_secrets_come_from_the_environment_and_none_has_a_default(compose: dict[str, Any]) -> None:
    references = re.findall(r"\$\{(\w+)(:[-?])?", COMPOSE.read_text())
    assert {name for name, kind in references if kind == ":?"} == SECRETS
    assert {name for name, kind in references if kind != ":?"} == OPTIONAL
    example = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / ".env.example").read_text(), re.MULTILINE))
    assert example == dict.fromkeys(SECRETS | OPTIONAL, "")


def environment(compose: dict[str, Any], **given: str) -> dict[str, str]:
    """The gateway's environment as compose would fill it in."""
    values = dict.fromkeys(SECRETS, "c0ffee") | given
    return {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda match: values.get(match[1], ""), text)
        for name, text in compose["services"]["gateway"]["environment"].items()
    }


def test_the_gateway_takes_its_configuration_and_the_cloud_comes_alive_with_a_key(compose: dict[str, Any]) -> None:
    without = load(DEPLOY / "tidegate.compose.yaml", environ=environment(compose)).settings
    assert without.deployments["large"].asleep
    assert without.deployments["small"].zone == "local"
    assert without.redis.url.get_secret_value() == "redis://:c0ffee@redis:6379/0"
    assert without.ledger.url.get_secret_value() == "postgresql://tidegate:c0ffee@postgres:5432/tidegate"
    assert without.server.workers == 2
    alive = load(DEPLOY / "tidegate.compose.yaml", environ=environment(compose, OPENAI_API_KEY="sk-test")).settings
    assert not alive.deployments["large"].asleep
    assert alive.routes["auto"].large == ("large",)


def test_services_are_named_as_the_configurations_call_them(compose: dict[str, Any]) -> None:
    services = compose["services"]
    settings = load(DEPLOY / "tidegate.compose.yaml", environ=environment(compose)).settings
    address = re.fullmatch(r"http://(\w+):11434/v1", settings.deployments["small"].base_url or "")
    assert address is not None
    assert set(services[address[1]]["networks"]) & set(services["gateway"]["networks"]) == {"models"}
    assert settings.deployments["small"].model in services["model"]["command"][0]
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"][0]
    assert scraped["static_configs"] == [{"targets": ["gateway:8080"]}]
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())
    assert source["datasources"][0]["url"] == "http://prometheus:9090"
