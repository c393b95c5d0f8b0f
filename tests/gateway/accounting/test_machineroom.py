"""Models at one host share its machine, and a new configuration loses nothing of what it is working on."""

from __future__ import annotations

from pathlib import Path

from gateway.accounting.machineroom import MachineRoom
from gateway.accounting.prices import PriceBook
from gateway.accounting.sharing import Machine
from gateway.config.load import load
from gateway.config.loaded import Loaded
from tests.gateway.accounting.test_sharing import Clock

CONFIGURATION = """\
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:11434/v1"}
  other: {zone: local, engine: openai, base_url: "http://localhost:8000/v1", price: {machine: MACHINE}}
  large: {zone: cloud, engine: openai, base_url: "https://api.openai.com/v1", model: gpt-4o, api_key: k}
routes:
  auto: {small: [small, other], large: [large]}
"""
MEASURED = "{watts: 500, per_kwh: 1, measured: power1_input}"


def configured(directory: Path, machine: str) -> tuple[Loaded, PriceBook]:
    file = directory / "tidegate.yaml"
    file.write_text(CONFIGURATION.replace("MACHINE", machine))
    loaded = load(file, environ={})
    return loaded, PriceBook(loaded.settings.deployments, None)


def test_models_at_one_host_share_its_machine() -> None:
    room = MachineRoom(Clock())
    here = room.at("http://127.0.0.1:11434/v1")
    assert room.at("http://localhost:8000/v1") is here
    assert room.at("http://[::1]:8000/v1") is here
    assert room.at(None) is here  # embedded
    assert room.at("http://GPU.lan:8000/v1") is room.at("http://gpu.lan:8001/v1")
    assert room.at("http://gpu.lan:8000/v1") is not here


def test_only_what_costs_by_the_time_has_a_machine(tmp_path: Path) -> None:
    machines = MachineRoom(Clock()).of(*configured(tmp_path, "{per_hour: 1}"))
    assert machines.keys() == {"small", "other"}
    assert machines["small"] is machines["other"]


def test_a_new_configuration_finds_the_machine_and_its_gauge_at_work(tmp_path: Path) -> None:
    room = MachineRoom(Clock())
    before = room.of(*configured(tmp_path, MEASURED))["other"]
    watched = before.on_busy
    assert watched is not None
    after = room.of(*configured(tmp_path, MEASURED))["other"]
    assert after is before
    assert after.on_busy == watched


def test_what_is_not_to_be_measured_any_more_is_left_alone(tmp_path: Path) -> None:
    room = MachineRoom(Clock())
    machine = room.of(*configured(tmp_path, MEASURED))["other"]
    assert room.of(*configured(tmp_path, "{per_hour: 1}"))["other"] is machine
    assert machine.on_busy is None


def test_models_of_one_host_that_state_different_watts_have_one_gauge(tmp_path: Path) -> None:
    """And it goes on when one of them states another number."""
    room = MachineRoom(Clock())
    file = tmp_path / "tidegate.yaml"

    def of(small: int) -> Machine:
        own = f"small: {{price: {{machine: {MEASURED.replace('500', str(small))}}}, "
        file.write_text(CONFIGURATION.replace("MACHINE", MEASURED).replace("small: {", own, 1))
        loaded = load(file, environ={})
        return room.of(loaded, PriceBook(loaded.settings.deployments, None))["small"]

    machine = of(300)
    watched = machine.on_busy
    assert len(room._meters) == 1
    assert of(400) is machine
    assert machine.on_busy == watched  # what can be drawn at most is 500, as before
    of(600)
    assert len(room._meters) == 1
    assert machine.on_busy not in (None, watched)


async def test_a_gauge_that_comes_while_the_machine_is_busy_is_read_at_once(tmp_path: Path) -> None:
    room = MachineRoom(Clock())
    machine = room.of(*configured(tmp_path, "{per_hour: 1}"))["other"]
    (tmp_path / "power1_input").write_text("7000000")
    machine.begin()
    assert room.of(*configured(tmp_path, MEASURED))["other"] is machine
    ((_, meter),) = room._meters.values()
    assert meter._reading is not None
    room.close()


def test_closing_ends_all_reading(tmp_path: Path) -> None:
    room = MachineRoom(Clock())
    machine = room.of(*configured(tmp_path, MEASURED))["other"]
    room.close()
    assert machine.on_busy is None
