"""The clients: what each is called, what its environment holds, and which errors its users get to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

ROOT: Final = Path(__file__).parents[2]
SCRIPTS: Final = Path(__file__).parent / "scripts"

_OPENAI: Final = {
    "429": "RateLimitError",
    "502": "InternalServerError",
    "504": "InternalServerError",
    "cut": "APIError",
}

_VERCEL: Final = dict.fromkeys(("429", "502", "504"), "APICallError") | {"cut": "StreamProviderError"}
_ANTHROPIC: Final = {
    "429": "RateLimitError",
    "502": "InternalServerError",
    "504": "GatewayTimeoutError",
    "cut": "APIStatusError",
}
_OLLAMA: Final = dict.fromkeys(("429", "502", "504", "cut"), "ResponseError")
_LANGCHAIN: Final = {
    "429": "OpenAIRateLimitError",
    "502": "OpenAIAPIError",
    "504": "OpenAIAPIError",
    "cut": "APIError",
}
_PYDANTIC_AI: Final = {
    "429": "ModelRateLimitError",
    "502": "ModelServerError",
    "504": "ModelServerError",
    "cut": "ModelServerError",
}
_LITELLM: Final = {
    "429": "RateLimitError",
    "502": "BadGatewayError",
    "504": "Timeout",
    "cut": "MidStreamFallbackError",
}


@dataclass(frozen=True, slots=True)
class Client:
    """`name` is that of its lock (or folder, for Node) in requirements/clients and of its section in docs/clients.md.

    `errors` gives the class of an error by its status, and of that of a stream that was `cut`. `repeats` says that it
    tries again what it was told to try again later.
    """

    name: str
    script: str
    errors: Mapping[str, str]
    repeats: bool = True
    language: Literal["python", "node"] = "python"
    differs: Mapping[tuple[str, bool], str] = field(default_factory=dict)  # (behaviour, streamed): what it sees instead

    @property
    def lock(self) -> Path:
        folder = ROOT / "requirements/clients"
        return folder / self.name / "package-lock.json" if self.language == "node" else folder / f"{self.name}.txt"


CLIENTS: Final = (
    Client("openai-python-2", "openai_python", _OPENAI),
    Client("openai-python-3", "openai_python", _OPENAI),
    Client("openai-node", "openai_node", _OPENAI, language="node"),
    Client("vercel-ai", "vercel_ai", _VERCEL, language="node"),
    Client("anthropic-python", "anthropic_python", _ANTHROPIC),
    Client("ollama-python", "ollama_python", _OLLAMA, repeats=False),
    Client("langchain-openai", "langchain_openai", _LANGCHAIN),
    Client("pydantic-ai", "pydantic_ai", _PYDANTIC_AI),
    # Of several calls in one piece of a stream it takes the first.
    Client("llama-index", "llama_index", _OPENAI, differs={("tools-at-once", True): "calls:1"}),
    Client("litellm", "litellm_client", _LITELLM),
    Client("llm", "llm_python", _OPENAI),
)
