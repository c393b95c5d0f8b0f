"""Records what two real models answer to the tasks: text, token log-probabilities, and whether it was right.

    python -m bench.cascade --record LARGE.gguf

The small model is the embedded one. Both run on llama.cpp in this process. A row is one line of JSON: `set`, `task`,
`prompt`, `tokens`, `logprobs` and `seconds` (log-probability of each token, and of the best other one), `finish`,
`again` (a second sample), `good`, `large` (1 or 0: right) and `size` (tokens of the large model's answer).
"""

from __future__ import annotations

import gzip
import json
import math
import socket
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.cascade_task import Task, is_right
from bench.cascade_tasks import SETS, tasks
from gateway.serving.models import DEFAULT, resolve

SEED = 6
EACH = {"middle": 80, "hard": 40}
LONGEST = {"hard": 80, "middle": 48}  # tokens of an answer
SLOTS = 2  # answers at once
AGAIN = {"temperature": 0.7, "seed": 6}
FLOOR = -20.0  # of a log-probability: a missing runner-up, too

Ask = Callable[[dict[str, Any]], dict[str, Any]]


def record(large: Path, out: Path) -> None:
    """Writes all rows. With the models of docs/cascade.md: some two hours on one processor."""
    small, big = _served(resolve(DEFAULT, out.parent, print), "small"), _served(large, "large")
    with gzip.GzipFile(out, "wb", mtime=0) as file, ThreadPoolExecutor(SLOTS) as pool:
        for name, makers in SETS.items():
            for row in pool.map(
                lambda task, name=name: row_of(name, task, small, big), tasks(SEED, EACH[name], makers)
            ):
                file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def row_of(name: str, task: Task, small: Ask, large: Ask) -> dict[str, Any]:
    """One task of set `name`, asked of both."""
    said = large(_body(name, task, temperature=0.0))
    row = _small_row(name, small, task)
    return {**row, "large": int(is_right(task, said["message"]["content"])), "size": said["tokens"]}


def _small_row(name: str, ask: Ask, task: Task) -> dict[str, Any]:
    choice = ask(_body(name, task, temperature=0.0, logprobs=True, top_logprobs=2))
    said = choice["logprobs"]["content"]
    return {
        "set": name,
        "task": task.name,
        "prompt": task.prompt,
        "tokens": [token["token"] for token in said],
        "logprobs": [_rounded(token["logprob"]) for token in said],
        "seconds": [_runner_up(token) for token in said],
        "finish": choice["finish_reason"],
        "again": ask(_body(name, task, **AGAIN))["message"]["content"],
        "good": int(is_right(task, choice["message"]["content"])),
    }


def _body(name: str, task: Task, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": task.prompt}], "max_tokens": LONGEST[name], **more}


def _runner_up(token: dict[str, Any]) -> float:
    others = [other["logprob"] for other in token["top_logprobs"] if other["token"] != token["token"]]
    return _rounded(max(others, default=FLOOR))


def _rounded(logprob: float) -> float:
    return round(max(logprob, FLOOR), 2) if math.isfinite(logprob) else FLOOR


def _served(model: Path, name: str) -> Ask:
    import xllamacpp

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = 512 * SLOTS
    params.n_parallel = SLOTS
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.offline = True
    params.verbosity = 1
    server = xllamacpp.Server(params)

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/chat/completions",
            json.dumps({"model": name, **body}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=600) as reply:  # noqa: S310
            answer = json.load(reply)
        choice: dict[str, Any] = answer["choices"][0]
        choice["tokens"] = answer["usage"]["completion_tokens"]
        return choice

    ask.server = server  # type: ignore[attr-defined]  # lives as long as it is asked
    return ask
