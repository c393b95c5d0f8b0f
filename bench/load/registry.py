"""The systems: one entry each. Add one here, and its configuration in `conf/`.

In commands, settings and headers `{name}` is filled in: port, port2, up (the upstream's port), redis (Redis' port),
tmp (a folder of its own), workers, env (BENCH_ENV), here (this folder), root (this project), venv (this project's
programs), name; and `{conf:FILE}` is the path of `conf/FILE.in` with `@NAME@` replaced in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["limit", "bare", "peer", "ours"]
_REDIS = "redis://127.0.0.1:{redis}/1"
_KEY = {"authorization": "Bearer sk-bench"}


@dataclass(frozen=True, slots=True)
class Spec:
    """`limit`: what no gateway can beat; `bare`: what a language and its libraries cost; `peer`: another gateway."""

    kind: Kind
    command: tuple[str, ...] = ()  # none: the upstream itself
    settings: Mapping[str, str] = field(default_factory=dict)  # its environment
    values: Mapping[str, str] = field(default_factory=dict)  # more to fill in
    several: Mapping[str, str] = field(default_factory=dict)  # instead of `values`, with several workers: needs Redis
    headers: Mapping[str, str] = field(default_factory=dict)
    model: str = "fake"
    path: str = "/v1/chat/completions"
    probes: tuple[str, ...] = ()  # what a monitor asks for, as one does from the first minute on
    patience: float = 30.0  # seconds to become ready
    workers: int | None = None  # instead of the run's
    pinned: bool = True  # to one core, when it has one worker
    cache: bool = False  # on: the scenario `hit` and no other
    redis: bool = False  # needs one


def systems() -> dict[str, Spec]:
    """All there are, by name, in the order in which they take turns."""
    return {**_limits(), **_bare(), **_peers(), **_ours()}


def _limits() -> dict[str, Spec]:
    return {
        "direct": Spec("limit"),
        "nginx": Spec("limit", ("nginx", "-p", "{tmp}", "-c", "{conf:nginx.conf}")),
        "haproxy": Spec("limit", ("haproxy", "-db", "-f", "{conf:haproxy.cfg}")),
    }


def _bare() -> dict[str, Spec]:
    """With this project's interpreter and libraries, so that only the code differs."""
    flags = (
        *("--app-dir", "{root}", "--host", "127.0.0.1", "--port", "{port}", "--workers", "{workers}"),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error", "--backlog", "4096"),
    )

    def passthrough(framework: str, client: str, *, work: bool = False) -> Spec:
        settings = {
            "PASSTHROUGH_UPSTREAM": "http://127.0.0.1:{up}",
            "PASSTHROUGH_FRAMEWORK": framework,
            "PASSTHROUGH_CLIENT": client,
            "PASSTHROUGH_WORK": str(int(work)),
        }
        return Spec(
            "bare",
            ("{venv}/python", "-m", "uvicorn", "bench.load.apps.passthrough:app", *flags),
            settings,
            headers=_KEY,
        )

    found = {
        f"{framework}-{client}": passthrough(framework, client)
        for framework in ("asgi", "starlette", "fastapi")
        for client in ("raw", "aiohttp", "httpx")
    }
    at_work = {
        f"{framework}-{client}-work": passthrough(framework, client, work=True)
        for framework, client in (("asgi", "raw"), ("starlette", "aiohttp"), ("fastapi", "aiohttp"))
    }
    floor = Spec("bare", ("{venv}/python", "{here}/apps/floor.py", "{port}", "{up}"))
    return {"floor": floor, **found, **at_work}


def _peers() -> dict[str, Spec]:
    lite = Spec(
        "peer",
        (
            *("{env}/venv-litellm/bin/litellm", "--config", "{conf:litellm.yaml}", "--host", "127.0.0.1"),
            *("--port", "{port}", "--num_workers", "{workers}", "--telemetry", "False"),
        ),
        {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MODE": "PRODUCTION"},
        {"cache": "false"},
        headers=_KEY,
        patience=120.0,
    )
    # httptools, which litellm[proxy] comes without; opentelemetry, whose failing import it else repeats per request
    tuned = replace(lite, settings={**lite.settings, "PYTHONPATH": "{env}/extra-otel"})
    portkey = Spec(
        "peer",
        (
            *("node", "{env}/npm/node_modules/@portkey-ai/gateway/build/start-server.js"),
            *("--headless", "--port={port}"),
        ),
        {"NODE_ENV": "production"},
        headers={
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": "http://127.0.0.1:{up}/v1",
            "authorization": "Bearer up",
        },
    )
    ferrogw = Spec(
        "peer",
        ("{env}/venv-rust/bin/ferrogw", "serve"),
        {
            "GATEWAY_CONFIG": "{conf:ferrogw.yaml}",
            "OPENAI_API_KEY": "up",
            "MASTER_KEY": "sk-bench",
            "OPENAI_BASE_URL": "http://127.0.0.1:{up}",
            "HOST": "127.0.0.1",
            "PORT": "{port}",
            "HOME": "{tmp}",
            "RATE_LIMIT_RPS": "1000000",
            "RATE_LIMIT_BURST": "1000000",
            "LOG_LEVEL": "error",
            "GOMAXPROCS": "{workers}",
            "ALLOW_UNAUTHENTICATED_PROXY": "false",
        },
        headers=_KEY,
        model="gpt-4o-mini",
    )
    return {
        "litellm": lite,
        "litellm-tuned": tuned,
        "litellm-tuned-redis": replace(tuned, values={"cache": "true"}, cache=True, redis=True),
        "portkey": portkey,
        "ferrogw": ferrogw,
    }


def _ours() -> dict[str, Spec]:
    ours = Spec(
        "ours",
        (
            *("{venv}/tidegate", "serve", "--config", "{conf:tidegate.yaml}", "--host", "127.0.0.1"),
            *("--port", "{port}", "--workers", "{workers}"),
        ),
        {"HOME": "{tmp}"},
        {"redis_url": "", "cache": "false", "overload": "true"},
        several={"redis_url": _REDIS, "cache": "false", "overload": "true"},
        headers=_KEY,
        probes=("/healthz", "/metrics"),
        patience=60.0,
    )
    shared = replace(ours, values=ours.several, several={}, redis=True)
    return {
        "ours": ours,
        "ours-redis": replace(shared, values={**shared.values, "cache": "true"}, cache=True),
        "ours-1-worker": replace(shared, workers=1, pinned=False),
        "ours-2-workers": replace(shared, workers=2, pinned=False),
    }
