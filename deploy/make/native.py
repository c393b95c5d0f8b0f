"""Compile the router, which decides: `python deploy/make/native.py [--once] [--root DIR] [--into DIR]`.

The same sources, made into machine code by mypyc for the Python that runs this: a request costs a fifth less. It takes
a C compiler and the headers of this Python; where either is missing, everything runs as it is, and this says so. What
was compiled goes beside the environment's packages (`--into`), with `compiled.py`, which has it used as long as the
sources are what it was made of. `--once`: only where nothing was compiled yet. `--root`: where the sources are, if not
here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARY = "tidegate_compiled"  # directory of the modules, and of a manifest of what they were made of
FINDER = "_tidegate_compiled"
LOG = Path(sys.prefix) / "native.log"
LOG_TAIL = 5  # lines shown when the compiler fails
SLOW = "the router stays pure Python, and a request costs a quarter more"

# What decides; what only starts, checks, trains or reports is left as it is. Not the gateway: in a coroutine, mypyc 2.4
# takes a value for assigned that a `try` did not come to; it drops the options of a Struct and the attributes of an
# exception's class, and fails on a slice of bytes that ends before it begins. That it makes nothing else of the router
# is for `tests/router` to show.
HOT = (
    "router/*.py",
    "router/cascade/*.py",
    "router/difficulty/[eflpsvw]*.py",
    "router/difficulty/model.py",
    "router/specialists/[dps]*.py",
    "router/sensitivity/*.py",
    "router/sensitivity/detectors/*.py",
    "router/sensitivity/tagger/*.py",
)
# Not what mypyc can do, or nothing that a request goes through.
COLD = (
    "router/sensitivity/detector.py",  # subclasses of str
    "router/sensitivity/pieces.py",  # and of list
    "router/sensitivity/tagger/parameters.py",  # complex numbers
    "router/cascade/fitting.py",
    "router/difficulty/evaluation.py",
    "router/difficulty/fitting.py",
    "router/difficulty/labels.py",
    "router/difficulty/pretraining.py",
    "router/difficulty/supplement*.py",
    "router/artifact.py",
    "router/presets.py",
)


def main(root: Path, into: Path, once: bool) -> int:
    sources = hot_modules(root)
    made_of = manifest(root, sources)
    before = _manifest_in(into / LIBRARY)
    if before and (once or before == made_of):
        return 0
    if reason := lacking():
        print(f"{SLOW}: {reason}", flush=True)
        return 0
    print(f"compiling the router, {len(sources)} modules, about a minute, once (all it says: {LOG})", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tidegate-native-") as temporary:
        if not _built(root, sources, Path(temporary)):
            print(f"{SLOW}: it could not be compiled", flush=True)
            return 0
        put(Path(temporary) / "library", made_of, into)
    print(f"compiled in {time.monotonic() - started:.0f} s", flush=True)
    return 0


def hot_modules(root: Path) -> list[str]:
    """Paths below the root."""
    found = {path for pattern in HOT for path in root.glob(pattern)}
    cold = {path for pattern in COLD for path in root.glob(pattern)}
    return sorted(path.relative_to(root).as_posix() for path in found - cold if path.name != "__init__.py")


def manifest(root: Path, sources: list[str]) -> dict[str, object]:
    """What is compiled, of what and with what. `modules` is known once it was."""
    return {
        "python": sys.version,
        "mypyc": version("mypy"),
        "recipe": _digest(Path(__file__)),
        "sources": {path: _digest(root / path) for path in sources},
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest_in(library: Path) -> dict[str, object] | None:
    """That of the last time, but for the modules that came of it."""
    try:
        found: dict[str, object] = json.loads((library / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found.pop("modules", None)
    return found


def lacking() -> str | None:
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler})"
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        return f"the headers of this Python are not there ({headers}/Python.h)"
    return None


def _built(root: Path, sources: list[str], temporary: Path) -> bool:
    """Whether all of it could be compiled. In a process of its own: it changes settings of setuptools for good."""
    command = [sys.executable, __file__, "--build", str(temporary)]
    with LOG.open("w", encoding="utf-8") as log:
        built = subprocess.run(
            command, cwd=root, input="\n".join(sources), stdout=log, stderr=subprocess.STDOUT, text=True
        )
    if built.returncode != 0:
        print("\n".join(LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL:]), flush=True)
    return built.returncode == 0


def build(sources: list[str], temporary: Path) -> None:
    """C by mypyc, machine code by the compiler; two libraries, so that two processors have something to do."""
    from mypyc.build import mypycify
    from setuptools import Distribution

    detectors = [path for path in sources if "/detectors/" in path]
    others = [path for path in sources if path not in detectors]
    groups: list[tuple[list[str], str | None]] = [
        (paths, name) for paths, name in ((others, "tidegate_router"), (detectors, "tidegate_detectors")) if paths
    ]
    extensions = mypycify(
        # Without the project's settings: what is wrong is for `make check` to say.
        ["--config-file=", "--ignore-missing-imports", *sources],
        opt_level="2",
        debug_level="0",
        separate=groups,
        target_dir=str(temporary / "c"),
    )
    for extension in extensions:
        flags = [flag for flag in extension.extra_compile_args if flag != "-Werror"]
        extension.extra_compile_args = [*flags, "-g0", "-fno-plt", "-fno-stack-protector"]
    distribution = Distribution({"name": "tidegate", "ext_modules": extensions})
    command = distribution.get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(temporary / "library"), str(temporary / "o")
    command.parallel = os.cpu_count() or 1
    distribution.run_command("build_ext")


def put(built: Path, made_of: dict[str, object], into: Path) -> None:
    """Where the finder looks for it; never half of it. Processes that run have the old files mapped, and keep them."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    modules = {
        ".".join(path.relative_to(built).parts).removesuffix(suffix): path.relative_to(built).as_posix()
        for path in built.rglob(f"*{suffix}")
    }
    library = into / LIBRARY
    shutil.rmtree(library, ignore_errors=True)
    shutil.copytree(built, library)
    shutil.copyfile(HERE / "compiled.py", into / f"{FINDER}.py")
    (into / f"{FINDER}.pth").write_text(f"import {FINDER}; {FINDER}.install()\n", encoding="utf-8")
    (library / "manifest.new").write_text(json.dumps(made_of | {"modules": modules}), encoding="utf-8")
    (library / "manifest.new").replace(library / "manifest.json")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compile the router.")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--root", type=Path, default=HERE.parents[1])
    parser.add_argument("--into", type=Path, default=Path(sysconfig.get_path("purelib")))
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    if asked.build:
        build(sys.stdin.read().split(), asked.build)
        sys.exit(0)
    sys.exit(main(asked.root.resolve(), asked.into.resolve(), asked.once))
