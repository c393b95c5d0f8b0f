"""The embedded model's process: one GGUF model behind llama.cpp's server, on loopback, for as long as its parent lives.

Standard input carries one line of JSON (see `Orders`) and then stays open; its end means that the parent has gone, and
so does this process. Nothing secret is on the command line or in the environment, where other users could read it.
Standard output carries one line, `{"port": …}`, when the model answers. From then on both outputs lead nowhere:
llama.cpp prints parts of requests in some of its messages (a grammar it cannot parse, for one), at every verbosity.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

PR_SET_PDEATHSIG = 1  # prctl(2)
ERRORS_ONLY = 1  # llama.cpp's verbosity: 0 output, 1 errors, 2 warnings, 3 information, 4 debugging
# The server keeps the state of finished prompts in memory to continue them sooner; its own default is 8 GiB.
PROMPT_CACHE_MIB = 256


@dataclass(frozen=True, slots=True)
class Orders:
    """What the parent asks for. `context` is tokens per slot; `parent` its process id."""

    name: str
    model: str
    port: int
    api_key: str
    context: int
    slots: int
    threads: int
    parent: int


def main() -> int:
    orders = Orders(**json.loads(sys.stdin.buffer.readline()))
    _leave_with(orders.parent)
    dump_no_core()
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever the library prints while it loads belongs to its log, not among the answers
    try:
        server = _serve(orders)
    except (ImportError, RuntimeError) as failure:
        print(failure, file=sys.stderr)
        return 1
    os.write(answers, json.dumps({"port": orders.port}).encode() + b"\n")
    os.close(answers)
    _fall_silent()
    while sys.stdin.buffer.read(4096):
        pass
    del server
    os._exit(0)  # at once: the parent has gone or does not want the answers under way


def _serve(orders: Orders) -> Any:
    """The running server: returned when the model is loaded and the port open. RuntimeError if either fails."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = orders.model
    params.model_alias = {orders.name}  # else answers name the file's path
    params.n_ctx = orders.context * orders.slots  # the context is split among the slots
    params.n_parallel = orders.slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = orders.threads
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.hostnames = ["127.0.0.1"]
    params.port = orders.port
    params.reuse_port = True  # the parent holds the port with a socket of its own
    params.api_keys = [orders.api_key]
    params.cors_origins = ""  # no page in a browser may read from it
    params.ui = False
    params.endpoint_slots = False  # would show prompts
    params.offline = True
    params.verbosity = ERRORS_ONLY
    return xllamacpp.Server(params)


def _leave_with(parent: int) -> None:
    """Have the kernel end this process when its parent ends; until the model is loaded, nothing else would notice."""
    if sys.platform == "linux":
        import ctypes  # here: the parent imports this file for its `Orders`, and has no use for it

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.name == "posix" and os.getppid() != parent:  # it ended before the line above
        os._exit(0)


def dump_no_core() -> None:
    """A memory image would hold prompts."""
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _fall_silent() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
