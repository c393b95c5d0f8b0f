"""Providers: whose model a deployment serves, as its address gives it away, and what the price map may call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from gateway.accounting.catalogue import Wanted
from gateway.config.settings import Deployment

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

REGIONS: Final = frozenset({"eu", "us"})
"""What stands before a provider's name where requests are to stay in a region, as in `eu.api.openai.com`."""


def wanted_of(deployment: Deployment) -> Wanted | None:
    """Under which names the catalogue may know the deployment; None if its owner is unknown."""
    model = deployment.model
    if deployment.engine == "embedded":
        return None
    if deployment.base_url is None:
        if deployment.engine == "openai":
            return Wanted((model,), "openai")
        prefix, slash, rest = model.partition("/")
        return Wanted((model, rest), prefix) if slash else Wanted((model,), None)
    provider, region = _provider(deployment.base_url)
    if provider is None:
        return None
    bare = model.removeprefix(f"{provider}/")
    return Wanted((f"{provider}/{bare}", bare), provider, region)


def _provider(base_url: str) -> tuple[str | None, str]:
    """Who it is, and the region that the address asks for."""
    host, region = (urlsplit(base_url).hostname or "").lower().rstrip("."), ""
    while host:
        if provider := PROVIDERS.get(host):
            return provider, region
        region, _, host = host.partition(".")
        region = region if region in REGIONS else ""
    return None, ""


def model_names(want: Wanted) -> tuple[str, ...]:
    """What a price file may call it: as the price map does, and the provider's name before it."""
    own = f"{want.provider}/{want.names[-1]}"
    return want.names if want.provider is None or own in want.names else (own, *want.names)


def provider_of(deployment: Deployment) -> str | None:
    """Who serves it, in the price list's words; None where its address and name do not tell."""
    wanted = wanted_of(deployment)
    return None if wanted is None else wanted.provider
