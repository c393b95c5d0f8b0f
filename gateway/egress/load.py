"""Load: how busy a model's server says it is. Each kind of server tells it in its own way; what it says is read here.

llama.cpp: https://github.com/ggml-org/llama.cpp/tree/master/tools/server (`/slots`, `/metrics` with `--metrics`);
vLLM: https://docs.vllm.ai/en/latest/usage/metrics.html; Ollama: https://github.com/ollama/ollama/blob/main/docs/api.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

import orjson

_CROWDED: Final = 0.95  # of the memory for prompts, from which on vLLM sets requests aside again


class Reading(NamedTuple):
    """`busy`: requests that it works on or has waiting, whoever sent them. `is_full`: one more would have to wait.
    `is_warm`: the model is loaded."""

    busy: int = 0
    is_full: bool = False
    is_warm: bool = True


class Server(Protocol):
    """One kind of server. `paths` are asked for, from the root of the address."""

    @property
    def paths(self) -> tuple[str, ...]: ...

    def read(self, said: Mapping[str, bytes], model: str) -> Reading | None:
        """What it said at those of its paths that there were; None where that is not this kind of server."""
        ...


class LlamaCpp:
    """While it loads its model, `/health` answers 503 and so does all else: nothing is said then."""

    paths = ("/slots", "/metrics")

    def read(self, said: Mapping[str, bytes], model: str) -> Reading | None:  # noqa: ARG002 (it has one model)
        metrics = said.get("/metrics", b"")
        running = _sum(metrics, b"llamacpp:requests_processing")
        waiting = _sum(metrics, b"llamacpp:requests_deferred")
        slots = _json(said.get("/slots"))
        if isinstance(slots, list) and slots and all(_is_slot(slot) for slot in slots):
            working = sum(1 for slot in slots if slot.get("is_processing") or slot.get("state") == 1)
            return Reading(working + (waiting or 0), working == len(slots))
        return None if running is None else Reading(running + (waiting or 0), bool(waiting))


class Vllm:
    paths = ("/metrics",)

    def read(self, said: Mapping[str, bytes], model: str) -> Reading | None:  # noqa: ARG002 (all share its machine)
        metrics = said.get("/metrics", b"")
        running = _sum(metrics, b"vllm:num_requests_running")
        if running is None:
            return None
        waiting = _sum(metrics, b"vllm:num_requests_waiting") or 0
        used = max(
            [*_values(metrics, b"vllm:kv_cache_usage_perc"), *_values(metrics, b"vllm:gpu_cache_usage_perc"), 0.0]
        )
        return Reading(running + waiting, waiting > 0 or used >= _CROWDED)


class Ollama:
    """It tells which models are loaded, and nothing of how busy it is."""

    paths = ("/api/ps",)

    def read(self, said: Mapping[str, bytes], model: str) -> Reading | None:
        answer = _json(said.get("/api/ps"))
        models = answer.get("models") if isinstance(answer, dict) else None
        if not isinstance(models, list):
            return None
        loaded = {one.get(field) for one in models if isinstance(one, dict) for field in ("name", "model")}
        return Reading(is_warm=_tagged(model) in loaded)


SERVERS: Final[Mapping[str, Server]] = {"vllm": Vllm(), "llama.cpp": LlamaCpp(), "ollama": Ollama()}


def _tagged(model: str) -> str:
    return model if ":" in model.rpartition("/")[2] else f"{model}:latest"


def _is_slot(slot: object) -> bool:
    return isinstance(slot, dict) and ("is_processing" in slot or "state" in slot)


def _json(text: bytes | None) -> Any:
    try:
        return orjson.loads(text or b"null")
    except orjson.JSONDecodeError:
        return None


def _sum(metrics: bytes, name: bytes) -> int | None:
    """Over all series of a family; None where there is none."""
    values = _values(metrics, name)
    return round(sum(values)) if values else None


def _values(metrics: bytes, name: bytes) -> list[float]:
    """Of Prometheus' text: the values of a family, whatever its labels."""
    found: list[float] = []
    at = metrics.find(name)
    while at >= 0:
        end = metrics.find(b"\n", at)
        line = metrics[at : end if end >= 0 else len(metrics)]
        if (at == 0 or metrics[at - 1 : at] == b"\n") and line[len(name) : len(name) + 1] in (b" ", b"{"):
            try:
                value = float(line.rpartition(b"}")[2].removeprefix(name).split()[0])
            except (ValueError, IndexError):
                value = math.nan
            if math.isfinite(value) and value >= 0:
                found.append(value)
        at = metrics.find(name, at + len(line))
    return found
