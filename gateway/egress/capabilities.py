"""What each engine lacks unless the configuration says otherwise of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.config.settings import Deployment
from router.capability import CAPABILITIES

LACKING: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        # llama.cpp takes these and leaves them out without a word, or counts the tokens of one answer of several only.
        "embedded": frozenset({"tools", "vision", "audio", "files", "choices", "reasoning", "echo", "suffix"}),
        "openai": frozenset(),
        "litellm": frozenset({"completions", "echo", "suffix"}),  # spoken to as a chat only
    }
)


def lacks_of(deployment: Deployment) -> frozenset[str]:
    """The capabilities that the deployment does not have."""
    assumed = LACKING[deployment.engine]
    declared = {name: getattr(deployment, name) for name in CAPABILITIES}
    return frozenset(name for name, has in declared.items() if has is False or (has is None and name in assumed))
