"""Settings: the typed shape of `tidegate.yaml`. Every field is explained here and published as JSON Schema.

Frozen, strict: an unknown key is an error. Money is Decimal, read from strings or numbers without passing float.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Engine = Literal["embedded", "openai", "litellm"]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000)]


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _left_out(cls, data: Any) -> Any:
        """A known key with nothing after it is as good as left out; so is an empty text where none is allowed."""
        if not isinstance(data, dict):
            return data
        empty = [
            name
            for name, field in cls.model_fields.items()
            if name in data and (data[name] is None or (data[name] == "" and field.default is None))
        ]
        return {name: value for name, value in data.items() if name not in empty} if empty else data


class TokenPrice(Strict):
    """A price in dollars per one million tokens."""

    input: Dollars
    output: Dollars
    cached_input: Dollars | None = None
    """Prompt tokens read from the provider's cache; left out: as `input`."""


class MachinePrice(Strict):
    """What a machine at home costs while it is busy: electricity, and the hardware written off by the hour."""

    watts: Dollars = Decimal(0)
    per_kwh: Dollars = Decimal(0)
    per_hour: Dollars = Decimal(0)


class Price(Strict):
    """Exactly one of: `tokens`, `machine`. Left out entirely: the price map, by model name; not in there: unknown."""

    tokens: TokenPrice | None = None
    machine: MachinePrice | None = None


class Timeouts(Strict):
    """Time limits of one attempt, in seconds."""

    connect: Seconds = 5.0
    first_token: Seconds = 120.0
    between_chunks: Seconds = 60.0
    total: Seconds = 600.0


class Deployment(Strict):
    """One model served at one place."""

    zone: str
    """Where it runs: `local`, a region such as `eu`, or `cloud`."""
    engine: Engine
    """`embedded`: a GGUF model run by the gateway itself; `openai`: any OpenAI-shaped server; `litellm`: all others."""
    base_url: str | None = None
    """For `openai`: the address up to and with `/v1`."""
    model: str = "default"
    """The model's name there. For `embedded`: `default`, a GGUF file, or a hub reference (`owner/repo:file.gguf`)."""
    api_key: SecretStr | None = None
    optional: bool = False
    """When true and `api_key` is empty, the deployment is left out instead of called without a key."""
    trusted: bool = False
    """Accept a public address in zone `local`: you vouch that it is yours."""
    price: Price | None = None
    timeouts: Timeouts = Timeouts()
    tools: bool = True
    """Whether it can be handed tool definitions."""
    vision: bool = True
    """Whether it can be handed images."""
    context: Annotated[int, Field(ge=256)] = 4096
    """For `embedded`: the context window of one slot, in tokens."""
    slots: Annotated[int, Field(ge=1, le=64)] = 2
    """For `embedded`: how many requests it answers at once."""

    @field_validator("base_url")
    @classmethod
    def _without_last_slash(cls, base_url: str | None) -> str | None:
        return base_url.rstrip("/") if base_url else base_url


class Route(Strict):
    """A public model name that clients ask for, with its candidate deployments and its policy."""

    small: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    embeddings: tuple[str, ...] = ()
    prefer: Literal["auto", "small", "large"] = "auto"
    """`auto` lets difficulty decide; `small` and `large` prefer that class, always under the locality policy."""
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Difficulty at which `auto` turns to the large model."""
    locality: str = "any"
    """The widest clearance of anything asked of this route: `local`, `any`, `eu+local`."""


class Key(Strict):
    """A virtual key. `key` is the key itself (from the environment), or `hash` what `tidegate keys new` printed."""

    name: str
    key: SecretStr | None = None
    hash: str | None = None
    team: str | None = None
    routes: tuple[str, ...] | None = None
    """Which routes it may ask for; left out: all."""
    locality: str = "any"
    """The widest clearance of anything this key asks."""


class PolicyRule(Strict):
    """What a finding of one of `types` (or `*`) with at least `confidence` means."""

    types: tuple[str, ...] = ("*",)
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    """Left out: the detector's own threshold for the type."""
    clearance: str = "local"


class Policy(Strict):
    """The rules that turn findings into a clearance. The default: any finding at all means `local`."""

    rules: tuple[PolicyRule, ...] = (PolicyRule(),)


class Redis(Strict):
    """Shared state of several workers and replicas. An empty `url` keeps it in the memory of one worker."""

    url: SecretStr = SecretStr("")
    zone: str = "local"
    """Where this Redis runs. An answer is cached in it only if its clearance permits the zone."""
    timeout: Seconds = 0.25
    """What a slow or frozen Redis may cost one step of a request."""
    prefix: str = "tidegate"


class Cache(Strict):
    """The exact cache."""

    enabled: bool = False
    ttl: Annotated[int, Field(ge=1)] = 3600
    """Seconds an answer may be given again."""
    scope: Literal["key", "team", "global"] = "key"
    """Who shares an entry."""
    max_entry_bytes: Annotated[int, Field(ge=1024)] = 1_048_576
    max_memory_bytes: Annotated[int, Field(ge=65_536)] = 67_108_864
    """For the cache in memory."""


class Ledger(Strict):
    """Where every request's cost is written down."""

    url: SecretStr = SecretStr("")
    """`sqlite:///FILE` (a relative file stands beside the configuration) or `postgresql://user:password@host/database`.
    Empty: `ledger.db` in the state directory."""
    fsync: bool = False
    """Also survive power loss: the journal is flushed to the disk before an answer ends."""


class Server(Strict):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    workers: Annotated[int, Field(ge=1, le=256)] = 1
    max_body_bytes: Annotated[int, Field(ge=1024)] = 10_485_760
    """The largest request body, after decompression."""
    metrics_key: SecretStr | None = None
    """When set, `/metrics` asks for it as a bearer token."""


class Settings(Strict):
    """The whole of `tidegate.yaml`."""

    deployments: dict[str, Deployment]
    routes: dict[str, Route]
    keys: tuple[Key, ...] = ()
    """Empty: `serve` makes one key, keeps it in the state directory and prints it."""
    policy: Policy = Policy()
    redis: Redis = Redis()
    cache: Cache = Cache()
    ledger: Ledger = Ledger()
    server: Server = Server()
    state: str = ".tidegate"
    """The directory of the journal and the generated key; a relative one stands beside the configuration."""
    reference: str | None = None
    """The deployment that savings are counted against; left out: the first large one of the request's route."""
