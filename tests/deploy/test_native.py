"""If these fail, the hot path is not compiled where it could be, or an installation fails where it could not."""

from __future__ import annotations

import ast
import importlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.wait import until

ROOT = Path(__file__).parents[2]
NATIVE = ROOT / "deploy/make/native.py"
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Three modules of the hot path, and two that are not on it."""
    for path, text in {
        "router/__init__.py": "",
        "router/content.py": "def twice(number: int) -> int:\n    return 2 * number\n",
        "router/presets.py": "NAMES = ()\n",
        "router/sensitivity/__init__.py": "",
        "router/sensitivity/detectors/__init__.py": "",
        "router/sensitivity/detectors/names.py": (
            "from router.content import twice\n\ndef four() -> int:\n    return twice(2)\n"
        ),
        "gateway/__init__.py": "",
        "gateway/app.py": "NAMES = ()\n",
        "gateway/occupancy.py": (
            "def cut(data: bytes, start: int, end: int) -> bytes:\n    return data[start:end]\n\n"
            "def text(data: str, start: int, end: int) -> str:\n    return data[start:end]\n"
        ),
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def compile_(checkout: Path, *arguments: str, **environment: str) -> str:
    command: list[str | Path] = [sys.executable, NATIVE, "--root", checkout, "--into", checkout / "into", *arguments]
    (checkout / "into").mkdir(exist_ok=True)
    run = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return str(run.stdout)


def told(checkout: Path, **environment: str) -> tuple[str, str]:
    """What the modules say, and where they are from, in a Python that starts anew."""
    code = "import router.sensitivity.detectors.names as a, router.content as c; print(a.four(), c.__file__)"
    said, file = printed(checkout, code, **environment).split()
    return said, file


def printed(checkout: Path, code: str, **environment: str) -> str:
    finder = str(checkout / "into/_tidegate_compiled.py")
    start = f"import sys, runpy; sys.path.insert(0, {str(checkout)!r}); runpy.run_path({finder!r})['install']()"
    run = subprocess.run(
        [sys.executable, "-c", f"{start}; {code}"],
        env=os.environ | environment,
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    return str(run.stdout)


def has_compiler() -> bool:
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return shutil.which(compiler) is not None and (Path(sysconfig.get_path("include")) / "Python.h").exists()


@pytest.mark.skipif(not has_compiler(), reason="no C compiler, or no headers of this Python")
def test_modules_of_the_hot_path_are_compiled_once_and_used_until_edited(checkout: Path) -> None:
    assert "compiled in" in compile_(checkout)
    manifest = json.loads((checkout / "into/tidegate_compiled/manifest.json").read_text())
    assert {name for name in manifest["modules"] if "__mypyc" not in name} == {
        "gateway.occupancy",
        "router.content",
        "router.sensitivity.detectors.names",
    }
    assert told(checkout) == ("4", str(checkout / f"into/tidegate_compiled/router/content{SUFFIX}"))
    assert told(checkout, TIDEGATE_PURE="1") == ("4", str(checkout / "router/content.py"))
    assert compile_(checkout) == ""
    (checkout / "router/content.py").write_text("def twice(number: int) -> int:\n    return 3 * number\n")
    assert told(checkout) == ("6", str(checkout / "router/content.py"))
    assert compile_(checkout, "--once") == ""


@pytest.mark.skipif(not has_compiler(), reason="no C compiler, or no headers of this Python")
def test_what_is_compiled_is_not_used_beside_another_source_than_it_knew(checkout: Path) -> None:
    """It holds constants of those that were not compiled."""
    compile_(checkout)
    assert told(checkout)[1].endswith(SUFFIX)
    (checkout / "gateway/app.py").write_text("NAMES = (1,)\n")
    assert told(checkout) == ("4", str(checkout / "router/content.py"))


@pytest.mark.skipif(not has_compiler(), reason="no C compiler, or no headers of this Python")
def test_who_starts_need_not_wait_for_it(checkout: Path) -> None:
    assert "meanwhile" in compile_(checkout, "--later")
    manifest = checkout / "into/tidegate_compiled/manifest.json"
    until("what is compiled in the background", manifest.exists, 300)
    assert compile_(checkout, "--later") == ""
    assert told(checkout) == ("4", str(checkout / f"into/tidegate_compiled/router/content{SUFFIX}"))


@pytest.mark.skipif(not has_compiler(), reason="no C compiler, or no headers of this Python")
def test_slices_are_the_same_compiled(checkout: Path) -> None:
    """mypyc 2.4 by itself fails on one of bytes that ends before it begins."""
    assert "compiled in" in compile_(checkout)
    numbers = "(-9, -3, -1, 0, 1, 2, 3, 9)"
    code = (
        "import gateway.occupancy as o; print(o.__file__);"
        f"all_ = [(s, e) for s in {numbers} for e in {numbers}];"
        "print([p for p in all_ if o.cut(b'abc', *p) != b'abc'[p[0]:p[1]] or o.text('abc', *p) != 'abc'[p[0]:p[1]]])"
    )
    compiled = checkout / f"into/tidegate_compiled/gateway/occupancy{SUFFIX}"
    assert printed(checkout, code).split("\n") == [str(compiled), "[]", ""]


@pytest.mark.skipif(not has_compiler(), reason="no C compiler, or no headers of this Python")
def test_what_cannot_be_compiled_stays_as_it_is(checkout: Path) -> None:
    (checkout / "router/content.py").write_text("def twice(number: int) -> str:\n    return 2 * number\n")
    assert "it could not be compiled" in compile_(checkout)
    assert not (checkout / "into/tidegate_compiled").exists()
    assert "it could not be compiled" in compile_(checkout, "--later")  # not once more for nothing


def test_without_a_compiler_all_stays_as_it_is(checkout: Path) -> None:
    assert "there is no C compiler (no-such-compiler)" in compile_(checkout, CC="no-such-compiler")
    assert "there is no C compiler" in compile_(checkout, "--later", CC="no-such-compiler")
    assert not list((checkout / "into").iterdir())


@pytest.mark.skipif(not has_compiler(), reason="no C compiler, or no headers of this Python")
def test_this_checkout_was_compiled() -> None:
    assert (Path(sysconfig.get_path("purelib")) / "tidegate_compiled/manifest.json").exists(), "run make native"


def hot_nodes() -> Iterator[tuple[str, ast.AST]]:
    """What the modules that are compiled are made of, and where it stands."""
    for path in runpy.run_path(str(NATIVE))["hot_modules"](ROOT):
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            yield f"{path}:{getattr(node, 'lineno', 0)}", node


def is_error(place: str, name: str) -> bool:
    module = importlib.import_module(place.partition(".py:")[0].replace("/", "."))
    found = getattr(module, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def test_what_the_compiler_would_make_something_else_of_is_not_compiled() -> None:
    """A Struct would lose its options (`frozen` and the form in which it is written), an exception's class what stands
    in its body (the code that a client gets)."""
    seen = errors = 0
    for place, node in hot_nodes():
        if not isinstance(node, ast.ClassDef):
            continue
        seen += 1
        bases = [ast.unparse(base) for base in node.bases]
        assert not ("Struct" in bases and node.keywords), place
        if is_error(place, node.name):
            errors += 1
            assert not [one for one in node.body if isinstance(one, ast.Assign | ast.AnnAssign)], place
    assert seen > 100
    assert errors > 5


def test_nothing_compiled_waits_while_it_handles_an_exception() -> None:
    """Whoever has the event loop meanwhile would handle it too: it would be the context of all that they raise."""
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Yield, ast.YieldFrom)
    seen = 0
    for place, node in hot_nodes():
        if isinstance(node, ast.Try):
            seen += 1
            bodies = [node.finalbody, *(handler.body for handler in node.handlers)]
            waiting = [one for body in bodies for line in body for one in ast.walk(line) if isinstance(one, waits)]
            assert not waiting, place
        elif isinstance(node, ast.AsyncWith):  # its `__aexit__` is waited for while the exception is handled
            called = [ast.unparse(item.context_expr).partition("(")[0] for item in node.items]
            assert called == ["asyncio.timeout"], place
    assert seen > 20
