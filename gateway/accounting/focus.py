"""FOCUS: what was spent as FinOps tools read it, in the columns of the FinOps Open Cost and Usage Specification 1.2.

A row is a day of one deployment for one key, route, role and set of tags. The columns are those that the specification
asks of everybody, and of those it asks for under conditions the ones that are met here. There is no price list with
articles and unit prices, so there are no columns for them; columns of our own begin with `x_`, as it wants them to.
Text: https://focus.finops.org/focus-specification/v1-2
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, case, func, select

from gateway.accounting.dimensions import utc_day
from gateway.accounting.money import dollars
from gateway.accounting.period import Period, within
from gateway.accounting.providers import provider_of
from gateway.accounting.tables import ATTEMPTS, exact_sum
from gateway.config.settings import Deployment

HOME: Final = "Self-hosted"  # the provider of what runs in zone `local`
TAG_PREFIX: Final = "tidegate/"  # of the tags that the gateway makes, not the callers
_DAY: Final = timedelta(days=1)
_NAMES: Final[Mapping[str, str]] = {
    # the price list's word: the provider's own
    "anthropic": "Anthropic",
    "azure": "Microsoft",
    "azure_ai": "Microsoft",
    "bedrock": "AWS",
    "cohere": "Cohere",
    "deepseek": "DeepSeek",
    "gemini": "Google",
    "groq": "Groq",
    "mistral": "Mistral AI",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "together_ai": "Together AI",
    "vertex_ai": "Google Cloud",
    "xai": "xAI",
}


@dataclass(frozen=True, slots=True)
class Charge:
    """A row. Its cost is exact and in dollars; what cost nobody knows how much is not in it."""

    day: datetime  # its first moment, UTC
    provider: str
    deployment: str
    zone: str
    model: str
    key: str
    team: str | None
    route: str
    role: str
    tags: tuple[str, ...]
    requests: int
    attempts: int
    estimated: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: Decimal
    reference: Decimal | None  # what the same would have cost at the reference; None: not known of all of it


@dataclass(frozen=True, slots=True)
class Charges:
    rows: tuple[Charge, ...]
    left_out: int  # attempts whose cost is unknown: the specification has no word for that, and 0 would be a lie


def charges(connection: Connection, period: Period, deployments: Mapping[str, Deployment]) -> Charges:
    """What was spent in the period. `deployments` tell who provides them; one that is not there is its own provider."""
    rows = tuple(_charge(row, deployments) for row in connection.execute(_by_day(period)))
    unknown = select(func.count()).where(ATTEMPTS.c.cost.is_(None), ATTEMPTS.c.deployment != "")
    return Charges(rows, connection.execute(within(unknown, period)).scalar_one())


def as_focus(rows: Iterable[Charge]) -> str:
    """CSV; what does not apply is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for charge in rows:
        cells = (cell(charge) for cell in _CELLS.values())
        writer.writerow(["" if cell is None else cell for cell in cells])
    return text.getvalue()


_GROUPS: Final = ("deployment", "zone", "model", "key", "team", "route", "role", "tags")


def _by_day(period: Period) -> Select[*tuple[Any, ...]]:
    day = utc_day(ATTEMPTS.c.settled_at).label("day")
    groups = [day, *(ATTEMPTS.c[name] for name in _GROUPS)]
    request = func.coalesce(ATTEMPTS.c.request_id, ATTEMPTS.c.attempt_id)
    answers, counterfactual = ATTEMPTS.c.role == "answer", ATTEMPTS.c.counterfactual
    query = select(
        *groups,
        func.count(request.distinct()).label("requests"),
        func.count().label("attempts"),
        func.count(case((ATTEMPTS.c.estimated.is_(True), 1))).label("estimated"),
        *(
            func.coalesce(func.sum(ATTEMPTS.c[name]), 0).label(name)
            for name in ("prompt_tokens", "completion_tokens", "cached_tokens")
        ),
        exact_sum(ATTEMPTS.c.cost).label("cost"),
        exact_sum(case((answers, counterfactual))).label("reference"),
        func.count(case((and_(answers, counterfactual.is_(None)), 1))).label("not_compared"),
    ).where(ATTEMPTS.c.cost.is_not(None), ATTEMPTS.c.deployment != "")
    order = [part for group in groups for part in (group.is_not(None), group)]
    return within(query, period).group_by(*groups).order_by(*order)


def _charge(row: Row[Any], deployments: Mapping[str, Deployment]) -> Charge:
    return Charge(
        day=datetime.strptime(row.day, "%Y-%m-%d").replace(tzinfo=UTC),
        provider=_provider(row.deployment, row.zone, deployments),
        deployment=row.deployment,
        zone=row.zone or "",
        model=row.model or "",
        key=row.key or "",
        team=row.team,
        route=row.route or "",
        role=row.role,
        tags=tuple(row.tags or ()),
        requests=row.requests,
        attempts=row.attempts,
        estimated=row.estimated,
        prompt_tokens=int(row.prompt_tokens),
        completion_tokens=int(row.completion_tokens),
        cached_tokens=int(row.cached_tokens),
        cost=row.cost,
        reference=None if row.not_compared else row.reference,
    )


def _provider(name: str, zone: str | None, deployments: Mapping[str, Deployment]) -> str:
    if zone == "local":
        return HOME
    known = provider_of(deployments[name]) if name in deployments else None
    return name if known is None else _NAMES.get(known, known)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _month(day: datetime) -> datetime:
    return day.replace(day=1)


def _tags(charge: Charge) -> str:
    """A tag that callers give has no value, for which the specification has `true`."""
    own = {"key": charge.key, "team": charge.team, "route": charge.route, "role": charge.role}
    tags: dict[str, str | bool] = {f"{TAG_PREFIX}{name}": value for name, value in own.items() if value}
    return json.dumps(tags | dict.fromkeys(charge.tags, True), ensure_ascii=False, sort_keys=True)


def _region(charge: Charge) -> str | None:
    return None if charge.zone in ("local", "cloud") else charge.zone


def _cost(charge: Charge) -> str:
    return dollars(charge.cost)


def _description(charge: Charge) -> str:
    return f"Calls of {charge.model} at {charge.deployment} for route {charge.route} ({charge.role})"


_CELLS: Final[Mapping[str, Callable[[Charge], object]]] = {
    "BilledCost": _cost,
    "BillingAccountId": lambda _: "tidegate",
    "BillingAccountName": lambda _: "Tidegate",
    "BillingCurrency": lambda _: "USD",
    "BillingPeriodEnd": lambda charge: _time(_month(_month(charge.day) + 32 * _DAY)),
    "BillingPeriodStart": lambda charge: _time(_month(charge.day)),
    "ChargeCategory": lambda _: "Usage",
    "ChargeClass": lambda _: None,  # null: no correction
    "ChargeDescription": _description,
    "ChargeFrequency": lambda _: "Usage-Based",
    "ChargePeriodEnd": lambda charge: _time(charge.day + _DAY),
    "ChargePeriodStart": lambda charge: _time(charge.day),
    "ConsumedQuantity": lambda charge: charge.prompt_tokens + charge.completion_tokens,
    "ConsumedUnit": lambda _: "Tokens",
    "ContractedCost": _cost,
    "EffectiveCost": _cost,
    "InvoiceIssuerName": lambda charge: charge.provider,
    "ListCost": _cost,
    "PricingCategory": lambda _: "Standard",
    "PricingQuantity": lambda charge: charge.attempts,
    "PricingUnit": lambda _: "Requests",
    "ProviderName": lambda charge: charge.provider,
    "PublisherName": lambda charge: charge.provider,
    "RegionId": _region,
    "RegionName": _region,
    "ResourceId": lambda charge: charge.deployment,
    "ResourceName": lambda charge: charge.deployment,
    "ResourceType": lambda _: "Model deployment",
    "ServiceCategory": lambda _: "AI and Machine Learning",
    "ServiceName": lambda _: "Model inference",
    "ServiceSubcategory": lambda _: "Generative AI",
    "SubAccountId": lambda charge: charge.team,
    "SubAccountName": lambda charge: charge.team,
    "SubAccountType": lambda charge: None if charge.team is None else "Team",
    "Tags": _tags,
    "x_Model": lambda charge: charge.model,
    "x_Zone": lambda charge: charge.zone,
    "x_Requests": lambda charge: charge.requests,
    "x_EstimatedAttempts": lambda charge: charge.estimated,
    "x_PromptTokens": lambda charge: charge.prompt_tokens,
    "x_CompletionTokens": lambda charge: charge.completion_tokens,
    "x_CachedTokens": lambda charge: charge.cached_tokens,
    "x_ReferenceCost": lambda charge: None if charge.reference is None else dollars(charge.reference),
}
COLUMNS: Final = tuple(_CELLS)
