"""If these fail, Python runs compiled modules whose sources have changed since, or none though they are there."""

from __future__ import annotations

import hashlib
import json
import runpy
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

FINDER = runpy.run_path(str(Path(__file__).parents[2] / "deploy/make/compiled.py"))
usable: Callable[[str, str], Mapping[str, str]] = FINDER["usable"]
MODULES = {"router.one": "router/one.so", "tidegate_router__mypyc": "tidegate_router__mypyc.so"}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """What was compiled of `router/one.py`; the root of the sources is what it lies in."""
    source = tmp_path / "router/one.py"
    source.parent.mkdir()
    source.write_text("ONE = 1\n")
    library = tmp_path / "library"
    library.mkdir()
    write(library, python=sys.version, sources={"router/one.py": digest(source)}, modules=MODULES)
    return library


def write(library: Path, **manifest: object) -> None:
    (library / "manifest.json").write_text(json.dumps(manifest))


def finder(library: Path) -> Any:
    return FINDER["CompiledFinder"](str(library))


def test_what_was_made_of_these_very_sources_is_used(library: Path, tmp_path: Path) -> None:
    assert usable(str(library), str(tmp_path)) == MODULES
    found = finder(library)
    spec = found.find_spec("router.one", [str(tmp_path / "router")])
    assert spec.origin == str(library / "router/one.so")
    assert found.find_spec("tidegate_router__mypyc").origin == str(library / "tidegate_router__mypyc.so")


def test_of_an_edited_source_nothing_is_used(library: Path, tmp_path: Path) -> None:
    (tmp_path / "router/one.py").write_text("ONE = 2\n")
    assert usable(str(library), str(tmp_path)) == {}
    assert finder(library).find_spec("router.one", [str(tmp_path / "router")]) is None


def test_of_a_source_that_is_gone_nothing_is_used(library: Path, tmp_path: Path) -> None:
    (tmp_path / "router/one.py").unlink()
    assert usable(str(library), str(tmp_path)) == {}


def test_what_another_python_compiled_is_not_used(library: Path, tmp_path: Path) -> None:
    sources = {"router/one.py": digest(tmp_path / "router/one.py")}
    write(library, python="3.11.0 of long ago", sources=sources, modules=MODULES)
    assert usable(str(library), str(tmp_path)) == {}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"sources": {}}'])
def test_a_damaged_manifest_is_none(library: Path, tmp_path: Path, text: str) -> None:
    (library / "manifest.json").write_text(text)
    assert usable(str(library), str(tmp_path)) == {}


def test_another_checkout_on_the_path_has_its_own_modules(library: Path, tmp_path: Path) -> None:
    found = finder(library)
    assert found.find_spec("router.one", [str(tmp_path / "router")]) is not None
    assert found.find_spec("router.one", [str(tmp_path / "elsewhere/router")]) is None


def test_what_is_not_of_tidegate_is_left_to_others(library: Path, tmp_path: Path) -> None:
    found = finder(library)
    assert found.find_spec("json") is None
    assert found.find_spec("routers.one", [str(tmp_path / "routers")]) is None
    assert found.find_spec("router") is None
