"""Prices: what an attempt costs at each deployment. An unknown price is None, never 0.

In this order: the deployment's own `price`; at home, `ASSUMED_MACHINE`; for a provider that its address gives away, the
catalogue. Anything else is unknown: a server of unknown ownership is not given the price of somebody else's model.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

from gateway.accounting.catalogue import Catalogue, Wanted, Window
from gateway.accounting.money import EXACT, dollars, exact
from gateway.accounting.tariff import Rates, Tariff
from gateway.accounting.usage import Usage
from gateway.config.settings import Deployment, MachinePrice, TokenPrice

__all__ = ["ASSUMED_MACHINE", "Catalogue", "PriceBook", "dollars"]

ASSUMED_MACHINE: Final = MachinePrice(watts=Decimal(60), per_kwh=Decimal("0.30"), per_hour=Decimal("0.03"))
"""A machine at home that was given no price: 60 W while busy, 0.30 $/kWh, and 1,000 $ of hardware written off over
four years of use around the clock (35,064 hours: 0.03 $ an hour). An assumption, and reported as one."""

PROVIDERS: Final[Mapping[str, str]] = {
    # host, or the end of it after a dot: the name in the catalogue
    "api.openai.com": "openai",
    "openai.azure.com": "azure",
    "services.ai.azure.com": "azure_ai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "gemini",
    "aiplatform.googleapis.com": "vertex_ai",
    "api.mistral.ai": "mistral",
    "codestral.mistral.ai": "codestral",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.x.ai": "xai",
    "api.cerebras.ai": "cerebras",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.deepinfra.com": "deepinfra",
    "api.fireworks.ai": "fireworks_ai",
    "api.hyperbolic.xyz": "hyperbolic",
    "api.moonshot.ai": "moonshot",
    "api.novita.ai": "novita",
    "api.perplexity.ai": "perplexity",
    "api.sambanova.ai": "sambanova",
    "api.scaleway.ai": "scaleway",
    "api.studio.nebius.com": "nebius",
    "api.studio.nebius.ai": "nebius",
    "api.together.ai": "together_ai",
    "api.together.xyz": "together_ai",
    "api.z.ai": "zai",
    "dashscope.aliyuncs.com": "dashscope",
    "dashscope-intl.aliyuncs.com": "dashscope",
    "inference.api.nscale.com": "nscale",
    "openrouter.ai": "openrouter",
    "ai-gateway.vercel.sh": "vercel_ai_gateway",
}

_MILLION: Final = Decimal(1_000_000)
_SECONDS: Final = Decimal(3600)  # in an hour
_NO_TIME: Final = Decimal(0)
_UNKNOWN_WINDOW: Final = Window()
_WATTS: Final = Decimal(1000)  # in a kilowatt


class PriceBook:
    """The prices of all configured deployments. `assumed` and `unpriced` name those that were given none."""

    def __init__(self, deployments: Mapping[str, Deployment], catalogue: Catalogue | None) -> None:
        self._tariffs: dict[str, Tariff] = {}
        self._machines: dict[str, Decimal] = {}  # dollars per busy hour
        self._windows: dict[str, Window] = {}
        assumed, wanted = set(), {}
        for name, deployment in deployments.items():
            price = deployment.price
            if price and price.tokens:
                self._tariffs[name] = _tariff(price.tokens)
            elif price and price.machine:
                self._machines[name] = _per_hour(price.machine)
            elif deployment.zone == "local":
                self._machines[name] = _per_hour(ASSUMED_MACHINE)
                assumed.add(name)
            elif want := _wanted(deployment):
                wanted[name] = want
        if catalogue and wanted:
            for name, listed in catalogue.find(wanted).items():
                self._tariffs[name], self._windows[name] = listed.tariff, listed.window
        self.assumed = frozenset(assumed)
        self.unpriced = frozenset(deployments.keys() - self._tariffs.keys() - self._machines.keys())

    def cost(self, deployment: str, usage: Usage, busy_seconds: Decimal | None) -> Decimal | None:
        """Dollars for one attempt, exact to 1e-12; None if unknown.

        `busy_seconds`: how long the machine was at it; None where nobody can tell.
        """
        per_hour = self._machines.get(deployment)
        if per_hour is not None:
            return None if busy_seconds is None else _machine_cost(per_hour, busy_seconds)
        tariff = self._tariffs.get(deployment)
        return None if tariff is None else tariff.cost(usage)

    def most(
        self, deployment: str, prompt_tokens: int, completion_tokens: int, seconds: float, *, audio: bool = False
    ) -> Decimal | None:
        """Dollars that no attempt of at most so many tokens and seconds costs more than; None where nobody can say.

        `audio`: whether sound can be among what is sent or answered.
        """
        per_hour = self._machines.get(deployment)
        if per_hour is not None:
            return _machine_cost(per_hour, Decimal(str(seconds)))
        tariff = self._tariffs.get(deployment)
        return None if tariff is None else tariff.most(prompt_tokens, completion_tokens, audio=audio)

    def window(self, deployment: str) -> Window:
        """How much its model can read and write, where the price map that it has its price from says so."""
        return self._windows.get(deployment, _UNKNOWN_WINDOW)

    def unknown_price(self, deployment: str) -> bool:
        """Whether nothing that this deployment does can be priced."""
        return deployment not in self._machines and deployment not in self._tariffs


def _per_hour(machine: MachinePrice) -> Decimal:
    return EXACT.add(EXACT.divide(EXACT.multiply(machine.watts, machine.per_kwh), _WATTS), machine.per_hour)


def _machine_cost(per_hour: Decimal, busy_seconds: Decimal) -> Decimal:
    if busy_seconds < 0:  # no clock that goes back may earn money
        busy_seconds = _NO_TIME
    return exact(EXACT.divide(EXACT.multiply(busy_seconds, per_hour), _SECONDS))


def _tariff(price: TokenPrice) -> Tariff:
    def per_token(amount: Decimal) -> Decimal:
        return EXACT.divide(amount, _MILLION)

    cached = None if price.cached_input is None else per_token(price.cached_input)
    return Tariff(Rates(prompt=per_token(price.input), completion=per_token(price.output), cached=cached))


def _wanted(deployment: Deployment) -> Wanted | None:
    """Under which names the catalogue may know the deployment; None if its owner is unknown."""
    model = deployment.model
    if deployment.engine == "embedded":
        return None
    if deployment.base_url is None:
        if deployment.engine == "openai":
            return Wanted((model,), "openai")
        prefix, slash, rest = model.partition("/")
        return Wanted((model, rest), prefix) if slash else Wanted((model,), None)
    provider = _provider(deployment.base_url)
    if provider is None:
        return None
    bare = model.removeprefix(f"{provider}/")
    return Wanted((f"{provider}/{bare}", bare), provider)


def _provider(base_url: str) -> str | None:
    host = (urlsplit(base_url).hostname or "").lower().rstrip(".")
    while host:
        if provider := PROVIDERS.get(host):
            return provider
        host = host.partition(".")[2]
    return None
