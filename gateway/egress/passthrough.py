"""The passthrough engine: OpenAI-shaped servers (Ollama, vLLM, llama.cpp, OpenAI), bytes in, bytes out.

A zone is a claim, so it is held to: redirects are not followed, proxy variables are ignored, and a name that resolves
to a public address is refused in zone `local` unless the operator vouched for it.
"""

from __future__ import annotations

from gateway.egress.guard import Permit
from gateway.egress.http_answer import HttpAnswer
from gateway.egress.pool import Pool
from gateway.egress.target import Target
from gateway.wire.errors import UpstreamRefused


class Passthrough:
    """One pool per target, made on first use: its connections are never shared with another zone."""

    def __init__(self) -> None:
        self._pools: dict[Target, Pool] = {}

    async def send(self, permit: Permit, endpoint: str, body: bytes, *, streamed: bool) -> HttpAnswer:
        target = permit.target
        pool = self._pools.get(target)
        if pool is None:
            pool = self._pools[target] = Pool(target)
        answer = await pool.post(endpoint, body, target.patience, streamed=streamed)
        if 300 <= answer.status < 400:
            answer.close()
            raise UpstreamRefused("The model's server redirects; redirects are not followed.")
        return answer

    async def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
