"""The scripted upstream: a real HTTP/1.1 server that answers like OpenAI, or breaks on command.

    upstream = Upstream("cloud-model")
    upstream.start()
    upstream.next("status:500")            # the next model call
    upstream.always("cut:3:rst")           # every one until `always("ok")`

A single request may choose for itself, which needs no shared state: by its model's name (`cloud-model!cut:3`), by the
header `x-upstream`, or by the body's field `x_upstream` (a directive, or an object from server name to directive).
`behaviours.py`, `manners.py`, `parrot.py`, `faults.py` and `flaky.py` list the directives.
Alone: `python -m tests.upstream --port 9101 --name local-model`.
"""

from __future__ import annotations

from tests.upstream.journal import Exchange, Journal, Visit
from tests.upstream.server import Upstream

__all__ = ["Exchange", "Journal", "Upstream", "Visit"]
