"""The way from a file to usable settings; a user loses the gateway, or a promise, if it leads elsewhere."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.config.load import load, packaged, version_of
from gateway.config.plain import encoded
from gateway.config.problems import ConfigurationError
from gateway.config.settings import Settings
from gateway.config.shape import settings_of
from tests.gateway.config.harness import BASE, loaded, said

EXAMPLE = (Path(__file__).parent / "example.yaml").read_text()
ENVIRONMENT = {"LOCAL_KEY": "lk", "CLOUD_KEY": "ck", "TIDEGATE_KEY": "tg-0123456789abcdef"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "conf" / "tidegate.yaml"
    path.parent.mkdir()
    path.write_text(EXAMPLE)
    return path


def test_the_announced_example_loads_as_it_stands(file: Path) -> None:
    found = load(file, environ=ENVIRONMENT)
    assert found.warnings == ()
    assert found.settings.deployments["large"].api_key is not None
    assert found.settings.deployments["large"].api_key.get_secret_value() == "ck"
    assert found.settings.routes["cloud"].prefer == "large"
    assert found.settings.routes["embed"].embeddings == ("small",)
    assert found.settings.redis.url.get_secret_value() == ""
    assert found.settings.cache.enabled
    assert found.source == file
    assert found.directory == file.parent


def test_every_unset_variable_is_named_at_once(file: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(file, environ={})
    assert [(problem.line, problem.path) for problem in caught.value.problems] == [
        (2, "deployments.small.api_key"),
        (3, "deployments.large.api_key"),
        (9, "keys[0].key"),
    ]
    assert "LOCAL_KEY is not set; set it, or write ${LOCAL_KEY:-default}" in str(caught.value)


def test_relative_paths_start_from_the_file(file: Path) -> None:
    found = load(file, environ=ENVIRONMENT)
    assert found.ledger_url == f"sqlite:///{file.parent}/tidegate.db"
    assert found.state_directory == file.parent / ".tidegate"
    assert found.resolve("models/a.gguf") == file.parent / "models" / "a.gguf"
    assert found.resolve("/models/a.gguf") == Path("/models/a.gguf")


def test_a_relative_name_of_the_file_makes_absolute_paths(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent.parent)
    found = load(Path("conf/tidegate.yaml"), environ=ENVIRONMENT)
    assert found.ledger_url == f"sqlite:///{file.parent}/tidegate.db"
    with pytest.raises(ConfigurationError, match=r"^conf/tidegate\.yaml:2: "):
        load(Path("conf/tidegate.yaml"), environ={})


def test_without_a_name_the_working_directory_is_asked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    assert load(environ=ENVIRONMENT).source == file


def test_without_any_file_the_shipped_one_needs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = load(environ={})
    assert found.source == packaged()
    assert found.directory == tmp_path
    assert found.state_directory == tmp_path / ".tidegate"
    assert found.ledger_url == f"sqlite:///{tmp_path}/.tidegate/ledger.db"
    assert awake(found.settings) == ["small", "gemma"]
    assert found.settings.deployments["small"].engine == "embedded"
    assert found.settings.deployments["gemma"].if_running  # Ollama's, where there is one
    assert found.settings.routes["auto"].small == ("small",)
    assert found.settings.routes["gemma3:270m"].small == ("gemma", "small")
    assert [warning.path for warning in found.warnings] == ["deployments.large-openai", "deployments.large-anthropic"]


def test_a_key_in_the_environment_wakes_the_shipped_cloud_deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(environ={"ANTHROPIC_API_KEY": "sk-a"}).settings
    assert awake(settings) == ["small", "gemma", "large-anthropic"]
    both = load(environ={"ANTHROPIC_API_KEY": "sk-a", "OPENAI_API_KEY": "sk-o"}).settings
    assert awake(both) == ["small", "gemma", "large-openai", "large-anthropic"]


def awake(settings: Settings) -> list[str]:
    return [name for name, deployment in settings.deployments.items() if not deployment.asleep]


def test_the_shipped_cloud_models_have_a_price() -> None:
    package = importlib.util.find_spec("litellm")  # its data is wanted, and importing it takes seconds
    assert package is not None
    assert package.origin is not None
    prices = json.loads((Path(package.origin).parent / "model_prices_and_context_window_backup.json").read_text())
    found = load(packaged(), environ={"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "o"}).settings
    models = [item.model.rpartition("/")[2] for item in found.deployments.values() if item.zone == "cloud"]
    assert len(models) == 2
    assert [model for model in models if model not in prices] == []


def test_money_does_not_pass_through_a_float() -> None:
    text = BASE.replace(
        "api_key: k", "price: {tokens: {input: 0.1000000000000000055, output: 3, cached_input: '1e-2'}}"
    )
    price = loaded(text).settings.deployments["large"].price
    assert price is not None
    assert price.tokens is not None
    assert price.tokens.input == Decimal("0.1000000000000000055")
    assert (price.tokens.output, price.tokens.cached_input) == (Decimal(3), Decimal("0.01"))


@pytest.mark.parametrize("port", ['"${PORT}"', "${PORT}", "8090", '"8090"'])
def test_numbers_may_be_quoted_or_come_from_the_environment(port: str) -> None:
    text = BASE + f"server:\n  port: {port}\n"
    assert loaded(text, {"PORT": "8090"}).settings.server.port == 8090


def test_booleans_may_come_from_the_environment() -> None:
    assert loaded(BASE + 'cache: {enabled: "${CACHE:-yes}"}').settings.cache.enabled
    assert not loaded(BASE + 'cache: {enabled: "${CACHE:-yes}"}', {"CACHE": "off"}).settings.cache.enabled


def test_a_value_of_the_environment_is_never_shown() -> None:
    secret = "hunter2-correct-horse"
    text = """\
    deployments:
      small: {zone: "${S}", engine: "${S}", base_url: "${S}", model: m, price: {tokens: {input: "${S}", output: 1}}}
      wrong: {zone: "${S}", engine: openai, base_url: "http://u:${S}@h/v1", model: "${S}:x-cloud"}
      local: {zone: local, engine: openai, base_url: "http://${S}.com/v1", model: "${S}:x-cloud"}
      other: {zone: cloud, engine: litellm, model: "${S}"}
    routes: {auto: {small: [small, "${S}"], locality: "${S}/", prefer: "${S}"}}
    keys:
      - {name: "${S}!", key: "${S} ", hash: "${S}", routes: ["${S}"], locality: "${S}?", team: "${S} "}
      - {name: b, key: {"${S}": 1}}
      - {name: c, key: "${S} ${S}"}
    redis: {url: "${S}", zone: "${S}!", timeout: "${S}"}
    ledger: {url: "${S}"}
    policy: {rules: [{types: ["${S}"], clearance: "${S}!"}]}
    server: {workers: "${S}", port: "${S}"}
    reference: "${S}"
    """
    found = said(text, {"S": secret})
    assert len(found) >= 20
    assert not [line for line in found if secret in line]


def test_a_secret_in_the_file_is_never_shown() -> None:
    text = (
        BASE
        + 'redis: {url: "hunter2"}\nledger: {url: "hunter2"}\n'
        + "keys: [{name: a, key: [hunter2]}, {name: b, hash: hunter2}]\n"
    )
    found = said(text.replace("https://api", "https://u:hunter2@api"))
    assert len(found) == 5
    assert not [line for line in found if "hunter2" in line]


def test_nothing_of_a_loaded_configuration_prints_a_secret() -> None:
    found = loaded(
        BASE + 'ledger: {url: "postgresql://u:hunter2@h/d"}\nkeys: [{name: a, key: hunter2hunter2hunter2}]\n'
    )
    assert "hunter2" not in repr(found)
    assert found.ledger_url == "postgresql://u:hunter2@h/d"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////var/lib/l.db", "sqlite:////var/lib/l.db"),
        ("sqlite:///l.db?timeout=5", "sqlite:///{directory}/l.db?timeout=5"),
        ("postgres://u@h/d", "postgresql://u@h/d"),
        ("postgresql+pg8000://u@h/d", "postgresql+pg8000://u@h/d"),
        ("", "sqlite:///{directory}/.tidegate/ledger.db"),
    ],
)
def test_addresses_of_the_ledger(url: str, expected: str) -> None:
    found = loaded(BASE + f'ledger: {{url: "{url}"}}\n')
    assert found.ledger_url == expected.replace("{directory}", str(found.directory))


def test_the_ledger_follows_the_state_directory() -> None:
    found = loaded(BASE + "state: /var/lib/tidegate\n")
    assert found.state_directory == Path("/var/lib/tidegate")
    assert found.ledger_url == "sqlite:////var/lib/tidegate/ledger.db"


def test_optional_deployments_without_a_key_fall_asleep() -> None:
    text = BASE.replace("api_key: k", 'api_key: "${K:-}", optional: true') + "reference: large\n"
    found = loaded(text)
    assert awake(found.settings) == ["small"]
    assert [str(warning).partition(" ")[2] for warning in found.warnings] == [
        "deployments.large: left out, it is optional and has no key; set K to use it"
    ]
    assert not loaded(text, {"K": "x"}).settings.deployments["large"].asleep


def test_a_route_must_not_lose_its_last_deployment() -> None:
    text = BASE.replace("api_key: k", 'api_key: "${K:-}", optional: true') + "  hard: {large: [large]}\n"
    (problem,) = said(text)
    assert problem == (
        ":6: routes.hard: all its deployments are left out for want of a key: large; "
        "set its key, or list one that needs none"
    )


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(BASE + 'server: {port: "${PORT}"}\n')
    found = load(file, environ={}, overrides={"server.port": "9000", "server.host": "0.0.0.0"})  # noqa: S104
    assert (found.settings.server.port, found.settings.server.host) == (9000, "0.0.0.0")  # noqa: S104
    with pytest.raises(ConfigurationError) as caught:
        load(file, environ={"PORT": "1"}, overrides={"server.workers": "2"})
    assert str(caught.value).startswith("command line: server.workers: more than one worker needs Redis")


def test_the_version_is_that_of_what_routes() -> None:
    first = loaded(BASE).version
    assert loaded(BASE + "server: {port: 1}\nkeys: [{name: a, key: abcdefghijklmnopq}]\n").version == first
    assert loaded(BASE.replace("api_key: k", "api_key: other")).version == first
    assert loaded(BASE.replace("[large]}", "[large], learning: {enabled: true}}")).version == first
    for changed in (
        BASE.replace("model: cloud-model", "model: other"),
        BASE.replace("zone: cloud", "zone: eu"),
        BASE.replace("large: [large]", "large: [large], threshold: 0.6"),
        BASE + "policy: {rules: [{types: [EMAIL], clearance: cloud}, {}]}\n",
        BASE + "policy: {preset: gdpr}\n",
        BASE + "region: eu\n",
        BASE + "teams: {hr: {region: eu}}\n",
        BASE + "keys: [{name: a, key: abcdefghijklmnopq, policy: {preset: gdpr}}]\n",
        BASE.replace("large: [large]", "large: [large], unreadable: {image: any}"),
    ):
        assert loaded(changed).version != first


def test_the_version_does_not_depend_on_the_order_of_names() -> None:
    settings = loaded(BASE).settings
    turned = replace(settings, deployments=dict(reversed(settings.deployments.items())))
    assert version_of(turned) == version_of(settings)


def test_problems_come_in_the_order_of_the_file() -> None:
    lines = [
        problem.partition(":")[2].partition(":")[0]
        for problem in said(BASE.replace("[small]", "[smal]") + "serve: {}\nkeys: [{name: '!'}]\n")
    ]
    assert lines == sorted(lines, key=int)
    assert len(lines) == 4


def test_the_settings_are_those_that_pydantic_would_make(file: Path) -> None:
    found = load(file, environ=ENVIRONMENT).settings
    assert settings_of(Settings, json.loads(encoded(found))) == found
