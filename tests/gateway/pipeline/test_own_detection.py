"""If these fail, what an operator declared sensitive leaves the house, or a plug-in that fails lets something out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.gateway.conftest import OpenHouse
from tests.gateway.house import call, header
from tests.servers.upstream import Upstreams

_TERMS = {"terms": {"PROJECT": ["Projekt Nachtigall", "Bluebird"]}, "patterns": {"EMPLOYEE_ID": [r"E-\d{6}"]}}
_ALLOWED = {"rules": [{"types": ["PROJECT"], "clearance": "any"}, {"clearance": "local"}]}


@pytest.mark.parametrize("text", ["When does PROJEKT-NACHTIGALL end?", "Is E-123456 free?"])
async def test_terms_and_patterns_stay_at_home(open_house: OpenHouse, upstreams: Upstreams, text: str) -> None:
    house = open_house(detection=_TERMS)
    reply = await house.ask(call(text, "cloud"))
    assert header(reply, "x-tidegate-zone") == "local"
    upstreams.assert_cloud_saw_nothing()
    assert header(await house.ask(call("When does the nightingale sing?", "cloud")), "x-tidegate-zone") == "cloud"


async def test_a_rule_can_name_their_type(open_house: OpenHouse) -> None:
    house = open_house(detection=_TERMS, policy=_ALLOWED)
    assert header(await house.ask(call("When does Projekt Nachtigall end?", "cloud")), "x-tidegate-zone") == "cloud"
    assert header(await house.ask(call("Is E-123456 free?", "cloud")), "x-tidegate-zone") == "local"


async def test_a_reload_brings_new_terms(open_house: OpenHouse) -> None:
    house = open_house()
    assert header(await house.ask(call("How far is bluebird by now?", "cloud")), "x-tidegate-zone") == "cloud"
    before = house.gateway.adopt(house.snapshot({**house.configuration, "detection": _TERMS}, 2))
    await house.gateway.retire(before)
    assert header(await house.ask(call("How far is bluebird by now?", "cloud")), "x-tidegate-zone") == "local"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed plug-ins: one that cannot be made, and one that finds nothing."""
    (tmp_path / "moody.py").write_text(
        "def broken(options):\n    raise RuntimeError('no model')\n"
        "class Quiet:\n    def __init__(self, options): pass\n    def advise(self, text): return []\n"
    )
    about = tmp_path / "moody-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: moody\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[tidegate.detectors]\nbroken = moody:broken\nquiet = moody:Quiet\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "moody", raising=False)


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(("plugin", "zone"), [("broken", "local"), ("quiet", "cloud")])
async def test_a_plug_in_that_fails_keeps_everything_at_home(open_house: OpenHouse, plugin: str, zone: str) -> None:
    house = open_house(detection={"plugins": [{"name": plugin, "timeout": 30}]})
    reply = await house.ask(call("What is a nightingale?", "cloud"))
    assert header(reply, "x-tidegate-zone") == zone
    assert ("plugin.broken" in (header(reply, "x-tidegate-reason") or "")) == (plugin == "broken")
