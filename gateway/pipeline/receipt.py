"""The receipt: what the client gets to know about the decision, as `x-tidegate-*` headers."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from gateway.accounting.money import dollars
from gateway.wire.http import Headers
from router.clearance import ANY, Clearance
from router.decision import Reason

_FIELDS: Final[tuple[str, ...]] = (
    "cache",
    "cache_age",
    "clearance",
    "cost",
    "deployment",
    "dial",
    "difficulty",
    "head",
    "limits",
    "masked",
    "queued",
    "reasons",
    "request_id",
    "route",
    "similarity",
    "zone",
)


class Receipt:
    """Filled in on the way down. `cost` is dollars; what is not known is left out, never shown as 0."""

    __slots__ = _FIELDS

    def __init__(
        self,
        request_id: str,
        route: str = "",
        deployment: str = "",
        zone: str = "",
        reasons: tuple[Reason, ...] = (),
        difficulty: float | None = None,
        clearance: Clearance | str = ANY,
        cache: str = "off",
        cache_age: int | None = None,  # seconds
        similarity: float | None = None,  # of the question that the answer was given to, where it is another one
        cost: Decimal | None = None,
        dial: str = "",  # the dial in force, and the difficulty it comes to: share=0.3; threshold=0.6123; by=route
        head: str = "",  # what estimated the difficulty, if not the shipped model: DEPLOYMENT@VERSION
        limits: Headers | None = None,  # how the limits stand that concern it
        queued: float | None = None,  # seconds that it waited for a seat; None: there was one
        masked: str = "",  # how many values of each type were masked for the deployment that answers: EMAIL:1,PERSON:2
    ) -> None:
        self.request_id = request_id
        self.route = route
        self.deployment = deployment
        self.zone = zone
        self.reasons = reasons
        self.difficulty = difficulty
        self.clearance = clearance
        self.cache = cache
        self.cache_age = cache_age
        self.similarity = similarity
        self.cost = cost
        self.dial = dial
        self.head = head
        self.limits: Headers = limits or []
        self.queued = queued
        self.masked = masked

    def copy(self) -> Receipt:
        made = Receipt(self.request_id)
        for name in _FIELDS:
            setattr(made, name, getattr(self, name))
        return made

    def headers(self) -> Headers:
        """The receipt of an answer. Values are plain ASCII: names from the configuration, fixed words, numbers."""
        number = self.request_id.encode()
        headers: Headers = [
            (b"x-request-id", number),
            (b"x-tidegate-request-id", number),
            (b"x-tidegate-route", _ascii(self.route)),
            (b"x-tidegate-cache", self.cache.encode()),
        ]
        if self.similarity is not None:
            headers.append((b"x-tidegate-cache-similarity", b"%.4f" % self.similarity))
        if self.deployment:
            headers.append((b"x-tidegate-deployment", _ascii(self.deployment)))
            headers.append((b"x-tidegate-zone", self.zone.encode()))
        if self.reasons:
            reasons = self.reasons
            reason = str(reasons[0]) if len(reasons) == 1 else "; ".join(map(str, reasons))
            headers.append((b"x-tidegate-reason", _ascii(reason)))
            headers.append((b"x-tidegate-clearance", str(self.clearance).encode()))
        if self.masked:
            headers.append((b"x-tidegate-masked", _ascii(self.masked)))
        if self.dial:
            headers.append((b"x-tidegate-dial", self.dial.encode()))
        if self.difficulty is not None:
            headers.append((b"x-tidegate-difficulty", b"%.4f" % self.difficulty))
            if self.head:
                headers.append((b"x-tidegate-head", _ascii(self.head)))
        if self.cost is not None:
            headers.append((b"x-tidegate-cost-usd", dollars(self.cost).encode()))
        if self.limits:
            headers += self.limits
        if self.queued is not None:
            headers.append((b"x-tidegate-queued-ms", b"%d" % round(self.queued * 1000)))
        if self.cache_age is not None:
            headers.append((b"age", b"%d" % self.cache_age))
        return headers

    def summary(self) -> dict[str, object]:
        """The same for the last chunk of a stream, whose headers left before the cost was known."""
        said: dict[str, object] = {
            "request_id": self.request_id,
            "route": self.route,
            "deployment": self.deployment,
            "zone": self.zone,
            "reason": "; ".join(map(str, self.reasons)),
            "difficulty": self.difficulty,
            "clearance": str(self.clearance),
            "cache": self.cache,
            "cost_usd": None if self.cost is None else dollars(self.cost),
        }
        if self.similarity is not None:
            said["cache_similarity"] = round(self.similarity, 4)
        if self.dial:
            said["dial"] = self.dial
        if self.head:
            said["head"] = self.head
        if self.queued is not None:
            said["queued_ms"] = round(self.queued * 1000)
        if self.masked:
            said["masked"] = self.masked
        return said


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")
