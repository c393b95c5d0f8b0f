"""Shadow: the settings of shadow evaluation, in which another deployment answers too and a judge compares."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from gateway.config.kinds import Within
from gateway.config.strict import Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow(Strict):
    """A share of the route's prompts is also put to a deployment of the other class, and a judge compares the two
    answers. Clients wait for none of it. What the judge says becomes a label to learn from.
    """

    judge: str
    """The deployment that compares. It sees prompt and answers, so its zone counts as for any other."""
    share: Annotated[float, Within(gt=0, le=1)] = 0.02
    """Of the requests that `of` names, which share."""
    of: tuple[Literal["small", "large"], ...] = ("small",)
    """Whose answers are compared: those that a small deployment gave, with the large one's, or the other way round."""
    both_orders: bool = False
    """Ask the judge twice, with the answers in either order. Otherwise the order is drawn by lot."""
    max_per_minute: Annotated[int, Within(ge=1, le=6_000)] = 6
    """Most comparisons that a worker begins in a minute."""
    budget: Annotated[Decimal, Within(gt=0, le=1_000_000)] = Decimal(1)
    """Most dollars that it spends in a day (UTC) on this route, for all workers and replicas that share a database."""
    max_tokens: Annotated[int, Within(ge=16, le=65_536)] = 1024
    """The longest answer that is compared."""
    verdict_tokens: Annotated[int, Within(ge=1, le=65_536)] = 32
    """What the judge may write. One that thinks before it answers needs more."""
