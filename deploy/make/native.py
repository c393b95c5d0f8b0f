"""Compile what every request goes through: `python deploy/make/native.py [--once | --later] [--root DIR] [--into DIR]`.

The same sources, made into machine code by mypyc for the Python that runs this: a request costs two fifths less. It
takes a C compiler and the headers of this Python; where either is missing, everything runs as it is, and says so. What
was compiled goes beside the environment's packages (`--into`), with `compiled.py`, which has it used as long as the
sources are what it was made of. `--once`: only where nothing was compiled yet. `--later`: meanwhile, in the background,
for the next start. `--root`: where the sources are, if not here.
"""

from __future__ import annotations

import argparse
import fcntl
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
PACKAGES = ("router", "gateway")
LOG_TAIL = 5  # lines shown when the compiler fails
SLOW = "all stays pure Python, and a request costs two thirds more"

# What decides, and what of the gateway most requests go through; what only starts, checks, trains or reports is left as
# it is. So is what mypyc 2.4 makes something else of: it drops the options of a Struct and the attributes of an
# exception's class, loses the cause of `raise … from`, in a coroutine takes a value for assigned that a `try` did not
# come to, and where one waits while it handles an exception, all others handle that exception too. asgi.py, which
# does, stands between the event loop and most of the rest. That nothing else becomes of the rest is for the tests to
# show, which run both ways.
HOT = (
    "router/*.py",
    "router/cascade/*.py",
    "router/difficulty/[eflpsvw]*.py",
    "router/difficulty/model.py",
    "router/specialists/[dps]*.py",
    "router/sensitivity/*.py",
    "router/sensitivity/detectors/*.py",
    "router/sensitivity/tagger/*.py",
    "gateway/access/keys.py",
    "gateway/access/principal.py",
    "gateway/accounting/asked.py",
    "gateway/accounting/audit/chain.py",
    "gateway/accounting/entry.py",
    "gateway/accounting/journal.py",
    "gateway/accounting/machine.py",
    "gateway/accounting/money.py",
    "gateway/accounting/prices.py",
    "gateway/accounting/sharing.py",
    "gateway/accounting/tariff.py",
    "gateway/admission.py",
    "gateway/cache/key.py",
    "gateway/dialects/dialling.py",
    "gateway/dialects/narrowing.py",
    "gateway/dialects/openai_chat.py",
    "gateway/dialects/openai_fields.py",
    "gateway/dialects/tagging.py",
    "gateway/egress/breaker.py",
    "gateway/egress/capabilities.py",
    "gateway/egress/connection.py",
    "gateway/egress/fleet.py",
    "gateway/egress/http_answer.py",
    "gateway/egress/ordering.py",
    "gateway/egress/pace.py",
    "gateway/egress/passthrough.py",
    "gateway/egress/pool.py",
    "gateway/egress/taken.py",
    "gateway/egress/target.py",
    "gateway/egress/watchdog.py",
    "gateway/occupancy.py",
    "gateway/pipeline/admit.py",
    "gateway/pipeline/arrange.py",
    "gateway/pipeline/attempt.py",
    "gateway/pipeline/attempts.py",
    "gateway/pipeline/books.py",
    "gateway/pipeline/bound.py",
    "gateway/pipeline/candidates.py",
    "gateway/pipeline/closing.py",
    "gateway/pipeline/decide.py",
    "gateway/pipeline/dial.py",
    "gateway/pipeline/exchange.py",
    "gateway/pipeline/keep_alive.py",
    "gateway/pipeline/kept.py",
    "gateway/pipeline/labelling.py",
    "gateway/pipeline/live.py",
    "gateway/pipeline/needs.py",
    "gateway/pipeline/parts.py",
    "gateway/pipeline/receipt.py",
    "gateway/pipeline/retry.py",
    "gateway/pipeline/rounds.py",
    "gateway/pipeline/tab.py",
    "gateway/pipeline/tags.py",
    "gateway/pipeline/waiting.py",
    "gateway/pipeline/way.py",
    "gateway/pipeline/whole.py",
    "gateway/presence.py",
    "gateway/serving/http/cycle.py",
    "gateway/serving/http/head.py",
    "gateway/serving/http/protocol.py",
    "gateway/telemetry/counts.py",
    "gateway/telemetry/metrics.py",
    "gateway/telemetry/sums.py",
    "gateway/wire/call.py",
    "gateway/wire/chat_stream.py",
    "gateway/wire/chunk_edits.py",
    "gateway/wire/endpoint.py",
    "gateway/wire/event_form.py",
    "gateway/wire/http.py",
    "gateway/wire/json.py",
    "gateway/wire/line.py",
    "gateway/wire/request_id.py",
    "gateway/wire/sse.py",
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


# What mypyc's code calls only where something is raised: told so, the compiler puts what leads there apart, and the
# rest, which is run, takes a quarter less room in the caches.
SELDOM = """#include <Python.h>
#define SELDOM __attribute__((cold))
SELDOM void CPy_AddTraceback(const char *, const char *, int, PyObject *);
SELDOM void CPy_AttributeError(const char *, const char *, const char *, const char *, int, PyObject *);
SELDOM void CPy_TypeError(const char *, PyObject *);
SELDOM void CPy_TypeErrorTraceback(const char *, const char *, int, PyObject *, const char *, PyObject *);
SELDOM static void CPy_DecRef(PyObject *);
SELDOM static void CPy_XDecRef(void *);
"""


def main(root: Path, into: Path, *, once: bool, later: bool) -> int:
    before = _manifest_in(into / LIBRARY)
    if before and (once or before == manifest(root)):
        return 0
    if reason := lacking():
        print(f"{SLOW}: {reason}", flush=True)
        return 0
    if later:
        return _in_the_background(root, into)
    with (into / f".{LIBRARY}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # somebody else may be at it
        made_of = manifest(root)
        return 0 if _manifest_in(into / LIBRARY) == made_of else _compile(root, into, made_of)


def _compile(root: Path, into: Path, made_of: dict[str, object]) -> int:
    sources = hot_modules(root)
    print(f"compiling {len(sources)} modules, about two minutes, once (all it says: {LOG})", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tidegate-native-") as temporary:
        if not _built(root, sources, Path(temporary)):
            _failed(into).write_text(json.dumps(made_of), encoding="utf-8")
            print(f"{SLOW}: it could not be compiled", flush=True)
            return 0
        if manifest(root) != made_of:
            print(f"{SLOW}: a source was edited meanwhile", flush=True)
            return 0
        put(Path(temporary) / "library", made_of, into)
    print(f"compiled in {time.monotonic() - started:.0f} s", flush=True)
    return 0


def _in_the_background(root: Path, into: Path) -> int:
    """It goes on where the gateway is stopped meanwhile, and takes no time from anybody who wants some."""
    if _read(_failed(into)) == manifest(root):
        print(f"{SLOW}: it could not be compiled (what was said: {LOG})", flush=True)
        return 0
    print("compiling meanwhile, for two minutes or more: from the next start on a request costs less", flush=True)
    command = [sys.executable, __file__, "--gently", "--root", str(root), "--into", str(into)]
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, cwd=root)
    return 0


def _failed(into: Path) -> Path:
    """What could not be compiled."""
    return into / f".{LIBRARY}.failed"


def hot_modules(root: Path) -> list[str]:
    """Paths below the root."""
    found = {path for pattern in HOT for path in root.glob(pattern)}
    cold = {path for pattern in COLD for path in root.glob(pattern)}
    return sorted(path.relative_to(root).as_posix() for path in found - cold if path.name != "__init__.py")


def manifest(root: Path) -> dict[str, object]:
    """What is compiled, of what and with what. `modules` is known once it was. All sources count: what is compiled
    holds constants of the others, and expects of them what they were."""
    sources = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return {
        "python": sys.version,
        "mypyc": version("mypy"),
        "recipe": _digest(Path(__file__)),
        "sources": {path.relative_to(root).as_posix(): _digest(path) for path in sources},
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _manifest_in(library: Path) -> dict[str, object] | None:
    """That of the last time, but for the modules that came of it."""
    found = _read(library / "manifest.json")
    if found is not None:
        found.pop("modules", None)
    return found


def _read(path: Path) -> dict[str, object] | None:
    try:
        found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
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
    """C by mypyc, machine code by the compiler; several libraries, so that two processors have something to do."""
    from mypyc.build import mypycify
    from setuptools import Distribution

    detectors = [path for path in sources if "/detectors/" in path]
    gateway = [path for path in sources if path.startswith("gateway/")]
    router = [path for path in sources if path.startswith("router/") and path not in detectors]
    groups: list[tuple[list[str], str | None]] = [
        (paths, f"tidegate_{name}")
        for paths, name in ((gateway, "gateway"), (router, "router"), (detectors, "detectors"))
        if paths
    ]
    extensions = mypycify(
        # Without the project's settings: what is wrong is for `make check` to say.
        ["--config-file=", "--ignore-missing-imports", *sources],
        opt_level="2",
        debug_level="0",
        separate=groups,
        target_dir=str(temporary / "c"),
    )
    mend(temporary / "c")
    seldom = temporary / "c" / "seldom.h"
    seldom.write_text(SELDOM, encoding="utf-8")
    for extension in extensions:
        flags = [flag for flag in extension.extra_compile_args if flag != "-Werror"]
        extension.include_dirs.insert(0, str(temporary / "c"))
        extension.extra_compile_args = [*flags, "-include", str(seldom), "-g0", "-fno-plt", "-fno-stack-protector"]
    distribution = Distribution({"name": "tidegate", "ext_modules": extensions})
    command = distribution.get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(temporary / "library"), str(temporary / "o")
    command.parallel = os.cpu_count() or 1
    distribution.run_command("build_ext")


def mend(generated: Path) -> None:
    """mypyc 2.4 takes a slice of bytes that ends before it begins for one of negative length, and fails. What lies
    beside the generated files is included before mypyc's own."""
    from mypyc.build import include_dir

    wrong, right = "slice_len = endn - startn;", "slice_len = endn > startn ? endn - startn : 0;"
    text = Path(include_dir(), "bytes_ops.c").read_text(encoding="utf-8")
    if wrong in text:
        (generated / "bytes_ops.c").write_text(text.replace(wrong, right), encoding="utf-8")


def put(built: Path, made_of: dict[str, object], into: Path) -> None:
    """Where the finder looks for it; never half of it. Processes that run have the old files mapped, and keep them."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    modules = {
        ".".join(path.relative_to(built).parts).removesuffix(suffix): path.relative_to(built).as_posix()
        for path in built.rglob(f"*{suffix}")
    }
    library = into / LIBRARY
    (library / "manifest.json").unlink(missing_ok=True)  # first: who starts now finds nothing, rather than half of it
    shutil.rmtree(library, ignore_errors=True)
    shutil.copytree(built, library)
    shutil.copyfile(HERE / "compiled.py", into / f"{FINDER}.py")
    (into / f"{FINDER}.pth").write_text(f"import {FINDER}; {FINDER}.install()\n", encoding="utf-8")
    (library / "manifest.new").write_text(json.dumps(made_of | {"modules": modules}), encoding="utf-8")
    (library / "manifest.new").replace(library / "manifest.json")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compile what every request goes through.")
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--once", action="store_true")
    when.add_argument("--later", action="store_true")
    parser.add_argument("--gently", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, default=HERE.parents[1])
    parser.add_argument("--into", type=Path, default=Path(sysconfig.get_path("purelib")))
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    if asked.build:
        build(sys.stdin.read().split(), asked.build)
        sys.exit(0)
    if asked.gently:
        os.nice(19)
    sys.exit(main(asked.root.resolve(), asked.into.resolve(), once=asked.once, later=asked.later))
