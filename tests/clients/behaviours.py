"""Behaviours of a model's server, and what a client has to make of each. A behaviour is a route of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.harness.configs import CLOUD_PRICE, PATIENCE, deployment
from tests.upstream import Upstream

PLAIN: Final = "auto"
RETRY_AFTER: Final = 1  # seconds, told with a 429


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`directive` is the upstream's. `whole` and `streamed` say what a client sees; None: it is not asked for that.

    answer, unicode     the text, from its first to its last letter
    calls:N             so many calls of the tool
    object              what the schema asked for
    logprobs            the answer, and how likely its tokens were
    error:STATUS        an error with that status, and no text
    cut                 the beginning of the text, then an error
    retried             an error with status 429, or from clients that try again, in time, the answer
    """

    name: str
    directive: str
    whole: str | None
    streamed: str | None
    needs: str = ""  # what else is in the request: `tools`, `schema` or `logprobs`
    is_impatient: bool = False  # whether the gateway gives up on it soon
    falls_back: bool = False  # whether another deployment is behind it

    def expected(self, *, streamed: bool) -> str | None:
        return self.streamed if streamed else self.whole


BEHAVIOURS: Final = (
    Behaviour(PLAIN, "ok", "answer", "answer"),
    Behaviour("tool", "agent:1", "calls:1", "calls:1", needs="tools"),
    Behaviour("parallel-tools", "agent:3", "calls:3", "calls:3", needs="tools"),
    Behaviour("tools-at-once", "calls_at_once:2", "calls:2", "calls:2", needs="tools"),
    Behaviour("schema", "structured", "object", "object", needs="schema"),
    Behaviour("logprobs", "ok", "logprobs", "logprobs", needs="logprobs"),
    Behaviour("utf8-split", "unicode:1", "unicode", "unicode"),
    Behaviour("ping", "ping", None, "answer"),
    Behaviour("empty-choices", "empty_choices", None, "answer"),
    Behaviour("usage-on-every-chunk", "usage_on:every", None, "answer"),
    Behaviour("usage-missing", "usage_missing", "answer", "answer"),
    Behaviour("usage-odd", "usage_odd:null", "answer", "answer"),
    Behaviour("slow-first-token", "slow_first:0.3", "answer", "answer"),
    Behaviour("429-once", f"once:429:client:{RETRY_AFTER}", "retried", "retried"),
    Behaviour("500-then-another", "status:500", "answer", "answer", falls_back=True),
    Behaviour("500", "status:500", "error:502", "error:502"),
    Behaviour("garbage", "garbage", "error:502", "error:502"),
    Behaviour("error-first", "error_frame:0", None, "error:502"),
    Behaviour("error-in-200", "error_in_200", "error:502", "error:502"),
    Behaviour("error-mid-stream", "error_frame:3:later", None, "cut"),
    Behaviour("cut", "cut:3:fin:later", "error:502", "cut"),
    Behaviour("hang", "hang", "error:504", "error:504", is_impatient=True),
)
# Routes that the scripts ask for by name, for what is one client's own.
SPECIAL: Final[Mapping[str, str]] = {
    "limited": f"status:429:{RETRY_AFTER}",
    "refused": "status:400",
    "never": "hang",
    "length": "finish:length",
    "filtered": "finish:content_filter",
    "refusal": "refusal",
    "thoughts": "thoughts",
    "once-500": "once:500:client",
}


def configuration(upstream: Upstream) -> dict[str, Any]:
    """A gateway's settings: a route, with a deployment of its own, for each behaviour."""
    impatient = {"connect": PATIENCE, "first_token": PATIENCE, "between_chunks": PATIENCE, "total": 2 * PATIENCE}
    deployments = {"second": deployment(upstream, "cloud", "ok", price={"tokens": CLOUD_PRICE})}
    deployments["embedder"] = deployment(upstream, "local")
    once = {"retries": {"per_attempt": 0}}  # who tries again is the client
    routes: dict[str, Any] = {"embed": {"embeddings": ["embedder"]}, "vendor/model-1": {"small": ["second"]}}
    for behaviour in BEHAVIOURS:
        name = behaviour.name
        limits = {"timeouts": impatient} if behaviour.is_impatient else {}
        deployments[f"to-{name}"] = deployment(upstream, "local", behaviour.directive, **limits)
        second = {"large": ["second"], "prefer": "small"} if behaviour.falls_back else {}
        routes[name] = {"small": [f"to-{name}"], **second, **once}
    for name, directive in SPECIAL.items():
        deployments[f"to-{name}"] = deployment(upstream, "local", directive)
        routes[name] = {"small": [f"to-{name}"], **once}
    return {
        "deployments": deployments,
        "routes": routes,
        "keys": [
            {"name": "dev", "key": "${TIDEGATE_KEY}"},
            {"name": "embedder", "key": "${EMBED_ONLY_KEY}", "routes": ["embed"]},
        ],
        "ledger": {"url": "sqlite:///tidegate.db"},
        "server": {"overload": {"enabled": False}},  # what is looked for is not how much it bears
    }
