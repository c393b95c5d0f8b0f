"""Settings: the typed shape of `tidegate.yaml`. Every field is explained here and published as JSON Schema.

Frozen, strict: an unknown key is an error. Money is Decimal, read from strings or numbers without passing float.
Plain dataclasses: pydantic reads a file into them (`shape.py`), and the processes that are handed them do without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from gateway.config.access import Access, KeyPriority, Role
from gateway.config.alerts import Alerts
from gateway.config.books import Ledger
from gateway.config.cache import Cache, RouteCache
from gateway.config.cascade import Cascade
from gateway.config.detection import Detection
from gateway.config.dial import RouteDial
from gateway.config.kinds import Secret, Within
from gateway.config.learning import Learning, RouteLearning
from gateway.config.overload import Overload
from gateway.config.policy import Policy, Unreadable
from gateway.config.pooling import DEFAULT_QUEUE, Balance, Concurrent, LoadSource, Priority, Queue, Weight
from gateway.config.price import Price
from gateway.config.quota import NO_LIMITS, Budget, Limits
from gateway.config.redis import Redis
from gateway.config.retrying import Breaking, Health, Hedge, Retries
from gateway.config.routing import RoutingRule, Specialist
from gateway.config.shadow import Shadow
from gateway.config.strict import Strict

ANONYMOUS = "anonymous"  # the name of callers without a key in logs, metrics and the ledger
GENERATED = "generated"  # the name of the key that `serve` makes, and whose value it prints

_UNSET = Secret("")
Engine = Literal["embedded", "openai", "litellm"]
Seconds = Annotated[float, Within(gt=0, le=86_400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts(Strict):
    """Time limits of one attempt, in seconds."""

    connect: Seconds = 5.0
    """Until the connection stands."""
    first_token: Seconds | None = None
    """From the request to the first token of a stream. Left out: 120; in zone `local` as long as `total`, since the
    server may have to load the model first."""
    between_chunks: Seconds = 60.0
    """Between two parts of a stream."""
    total: Seconds = 600.0
    """For everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTimeouts(Strict):
    """Time limits of one attempt, in seconds, for what is asked of this route; what is left out is the deployment's."""

    connect: Seconds | None = None
    """Until the connection stands."""
    first_token: Seconds | None = None
    """From the request to the first token of a stream."""
    between_chunks: Seconds | None = None
    """Between two parts of a stream."""
    total: Seconds | None = None
    """For everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
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
    api_key: Secret | None = None
    """Sent as a bearer token, or as the provider wants it. Left out or empty: none is sent."""
    optional: bool = False
    """When true and `api_key` is empty, the deployment is left out instead of called without a key."""
    if_running: bool = False
    """It need not run: while it does not, requests go to the next deployment and nobody is alarmed."""
    trusted: bool = False
    """Accept a public address in zone `local`: you vouch that it is yours."""
    price: Price | None = None
    """Left out: the price map, by model name; a model that is not in there has an unknown cost."""
    timeouts: Timeouts = Timeouts()
    """How long to wait for it."""
    weight: Weight = 1
    """How much of its class's requests it takes beside the others, where a route balances."""
    priority: Priority = 0
    """Of its class, those with the lowest number are asked first."""
    concurrent: Concurrent | None = None
    """How many requests this gateway has it answer at once; its workers share them. Left out: any number."""
    queue: Queue = DEFAULT_QUEUE
    """Who waits while it has `concurrent` requests."""
    load: LoadSource = "auto"
    """What its server is, and so how it tells how busy it is; asked only where a route balances. `auto`: it is found
    out, in zone `local` only; `none`: it is not asked."""
    difficulty: str | None = None
    """A directory that `tidegate train` wrote: how hard requests are for this model. Left out: what `tidegate learn`
    promoted for it, else the shipped model."""
    tools: bool | None = None
    """Whether it knows tools. Left out, here and down to `suffix`: what its engine can."""
    vision: bool | None = None
    """Whether it can be handed images and video."""
    audio: bool | None = None
    """Whether it can be handed sound, and asked for it."""
    files: bool | None = None
    """Whether it can be handed files, such as a PDF."""
    json_schema: bool | None = None
    """Whether it holds to a JSON schema (`response_format`)."""
    logprobs: bool | None = None
    """Whether it tells log probabilities."""
    choices: bool | None = None
    """Whether it gives several answers to one request: `n`, `best_of`, several prompts."""
    seed: bool | None = None
    """Whether it heeds `seed`."""
    stop: bool | None = None
    """Whether it heeds `stop`."""
    reasoning: bool | None = None
    """Whether it can be asked to think (`reasoning_effort`, `reasoning`, `thinking`)."""
    completions: bool | None = None
    """Whether it serves `/completions`."""
    echo: bool | None = None
    """Whether its completions heed `echo`."""
    suffix: bool | None = None
    """Whether its completions heed `suffix`."""
    context: Annotated[int, Within(ge=256)] = 4096
    """For `embedded`: the context window of one slot, in tokens."""
    slots: Annotated[int, Within(ge=1, le=64)] = 2
    """For `embedded`: how many requests it answers at once."""
    breaker: Breaking = field(default_factory=Breaking)
    """When it is asked last because it fails."""
    health: Health = field(default_factory=Health)
    """Whether somebody looks if it is there."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.rstrip("/") if self.base_url else self.base_url)

    @property
    def asleep(self) -> bool:
        """Left out for want of a key: never called, but its price still says what was saved."""
        return self.optional and self.api_key is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Strict):
    """A public model name that clients ask for, with its candidate deployments and its policy."""

    small: tuple[str, ...] = ()
    """Deployments for easy requests, in order of preference."""
    large: tuple[str, ...] = ()
    """Deployments for hard requests, in order of preference."""
    embeddings: tuple[str, ...] = ()
    """Deployments for embeddings; several only if they serve the same model."""
    moderations: tuple[str, ...] = ()
    """Deployments that classify text at `/moderations`."""
    prefer: Literal["auto", "small", "large"] = "auto"
    """`auto` lets difficulty decide; `small` and `large` prefer that class, always under the locality policy."""
    threshold: Annotated[float, Within(ge=0, le=1)] = 0.5
    """Difficulty at which `auto` turns to the large model."""
    dial: RouteDial | None = None
    """In place of `threshold`: how much of the large model its requests may have, in words that mean something."""
    locality: str = "any"
    """The widest clearance of anything asked of this route: `local`, `any`, `eu+local`."""
    policy: Policy | None = None
    """What holds here besides the policy of the file: the stricter one wins. A type that it does not name is left to
    that one."""
    unreadable: Unreadable = field(default_factory=Unreadable)
    """How far parts of requests to this route may travel that cannot be read."""
    timeouts: RouteTimeouts = RouteTimeouts()
    """How long to wait for its deployments, where that is not as they have it."""
    balance: Balance = "order"
    """Which deployment of a class is asked first: as listed (`order`), by lot (`weighted`), or the one with the fewest
    requests for its weight (`least-busy`)."""
    affinity: bool = False
    """Whether a conversation stays with the deployment that has its prompt, while that is cheaper."""
    learning: RouteLearning = field(default_factory=RouteLearning)
    """What is kept of its requests to learn from."""
    rules: tuple[RoutingRule, ...] = ()
    """What goes where, before difficulty is asked: the first rule that is for a request decides. They only order the
    deployments that may see it."""
    specialists: tuple[Specialist, ...] = ()
    """Deployments for domains that examples describe; asked after the rules, before difficulty."""
    shadow: Shadow | None = None
    """Comparing a share of its answers with those of the other class. Left out: none."""
    cascade: Cascade | None = None
    """Let the small model answer prompts of middling difficulty, look at the answer, and escalate. Left out: never."""
    cache: RouteCache = field(default_factory=RouteCache)
    """Answers given again, where that is not as the file has it."""
    limits: Limits = NO_LIMITS
    """How much may be asked of it, by all together."""
    max_tokens: Annotated[int, Within(ge=1, le=100_000_000)] | None = None
    """The longest answer, in tokens, of requests that name none; it is sent along. Budgets hold what an answer of that
    length costs."""
    retries: Retries = field(default_factory=Retries)
    """When a deployment that failed is asked once more."""
    hedge: Hedge = field(default_factory=Hedge)
    """When a second deployment is asked besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Strict):
    """A virtual key. `key` is the key itself (from the environment), or `hash` what `tidegate keys new --yaml` said."""

    name: str
    """Whose it is: shown in reports, logs and metrics."""
    key: Secret | None = None
    """The key itself; take it from the environment."""
    hash: str | None = None
    """Instead of `key`: its SHA-256, as `tidegate keys new --yaml` prints it (`sha256:…`)."""
    team: str | None = None
    """The team that it belongs to."""
    routes: tuple[str, ...] | None = None
    """Which routes it may ask for; left out: all."""
    role: Role = "caller"
    """What else it is good for: a `viewer` sees reports and budgets, an `auditor` also keys and who changed them,
    an `admin` may change all of it. Of these, `caller` and `admin` may ask models."""
    tags: tuple[str, ...] = ()
    """Tags that all of its requests have, besides those they bring (`x-tidegate-tags`)."""
    locality: str = "any"
    """The widest clearance of anything this key asks."""
    region: str | None = None
    """Where those who use it are; left out: as its team, or the file."""
    policy: Policy | None = None
    """What holds for it besides the policy of the file, as for a route."""
    limits: Limits = NO_LIMITS
    """How much may be asked with it."""
    priority: KeyPriority = "normal"
    """Whose requests are turned away first when there is more to do than can be done: those of `low` keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Strict):
    """What the keys of a team have in common."""

    locality: str = "any"
    """The widest clearance of anything that they ask."""
    region: str | None = None
    """Where the team is; left out: as the file."""
    policy: Policy | None = None
    """What holds for them besides the policy of the file, as for a route."""
    limits: Limits = NO_LIMITS
    """How much may be asked with them, all together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit(Strict):
    """The record of every decision about where content may go, in the ledger's database. It cannot be switched off."""

    key: Secret = _UNSET
    """What the key that signs it is made from; take it from the environment. Empty: one is made and kept in the state
    directory. Replicas that share a PostgreSQL should have the same."""
    retention_days: Annotated[int, Within(ge=1, le=36_500)] | None = None
    """Days until a record is removed; left out: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses(Strict):
    """What `/v1/responses` keeps of its answers, encrypted: for `previous_response_id`, and to be asked for again.

    Kept in PostgreSQL where the ledger is there, else in `responses.db` in the state directory.
    """

    enabled: bool = True
    """When false nothing is kept, and every answer says `store: false`."""
    key: Secret = _UNSET
    """What the encryption key is made from; take it from the environment. Empty: one is made and kept in the state
    directory, which is right for one machine. Replicas that share a PostgreSQL need the same."""
    zone: str = "local"
    """Where that database runs. A conversation is kept only if its clearance permits the zone."""
    ttl: Annotated[int, Within(ge=60, le=315_360_000)] = 2_592_000
    """Seconds until a response is forgotten; 30 days."""
    max_bytes: Annotated[int, Within(ge=1024)] = 8_388_608
    """A longer conversation is answered, but not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors(Strict):
    """Which pages in a browser may talk to the gateway. They need a key like everybody."""

    origins: tuple[str, ...] = ()
    """Such as `https://chat.example.com`; `*` is any. Empty: no page may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server(Strict):
    """Where the gateway listens, and with how many processes. The command line wins over these."""

    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` for all."""
    port: Annotated[int, Within(ge=0, le=65_535)] = 8080
    """The port to listen on; 0 takes a free one."""
    workers: Annotated[int, Within(ge=1, le=256)] = 1
    """How many processes answer. More than one needs Redis."""
    max_body_bytes: Annotated[int, Within(ge=1024)] = 10_485_760
    """The largest request body, after decompression."""
    keep_alive_comment: Annotated[float, Within(ge=0, le=86_400)] = 10.0
    """Seconds after which a client that waits for the stream of a model in zone `local` is sent a comment, again and
    again until it begins; 0: never."""
    drain_delay: Annotated[float, Within(ge=0, le=3600)] = 0.0
    """Seconds from SIGTERM on in which everybody is still served, while `/readyz` says 503 and each answer that
    its connection closes: time for a balancer to notice. It should be longer than clients keep an unused connection."""
    drain_limit: Annotated[float, Within(ge=0, le=86_400)] = 30.0
    """Seconds that answers under way then get to end, before they are broken off."""
    overload: Overload = field(default_factory=Overload)
    """When there is more to do than can be done."""
    reuse_port: bool = False
    """Let another gateway of the same user listen on the same port (SO_REUSEPORT), so that it can take over."""
    cors: Cors = Cors()
    """Pages in a browser."""
    timezone: str = "UTC"
    """Whose clocks the hours of routing rules mean, such as `Europe/Berlin`."""
    metrics_key: Secret | None = None
    """When set, `/metrics` asks for it as a bearer token."""
    admin: bool = True
    """Whether there is an administration API, below `/admin/v1`. It asks for a key with a role."""
    anonymous: tuple[str, ...] = ()
    """Routes that programs on this machine may use without a key, as Ollama's clients do; they must lead
    nowhere but home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log(Strict):
    """What the gateway writes to standard error. Content, matched values and keys never are."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """From which level on events are written."""
    format: Literal["console", "json"] = "console"
    """For a person, or one JSON object a line."""
    requests: bool = False
    """One line for each request: who was answered by what, and how long it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Strict):
    """The whole of `tidegate.yaml`."""

    deployments: dict[str, Deployment]
    """The models there are, by a name of your choice."""
    routes: dict[str, Route]
    """What clients may ask for, by the model name they send."""
    keys: tuple[Key, ...] = ()
    """Empty: `serve` makes one key, keeps it in the state directory and prints it."""
    teams: dict[str, Team] = field(default_factory=dict)
    """The teams that keys belong to, by name; one that has nothing to say need not be here."""
    access: Access = field(default_factory=Access)
    """Keys and teams that are made while it runs."""
    policy: Policy = field(default_factory=Policy)
    """What stays at home."""
    detection: Detection = field(default_factory=Detection)
    """What is looked for besides what ships."""
    region: str | None = None
    """Where those are who ask this gateway, unless their key or team says otherwise; rules may ask for it."""
    budgets: dict[str, Budget] = field(default_factory=dict)
    """Dollars that may be spent in a period, by a name of your choice."""
    redis: Redis = field(default_factory=Redis)
    """Shared state; empty: in memory."""
    cache: Cache = field(default_factory=Cache)
    """Answers given again."""
    ledger: Ledger = field(default_factory=Ledger)
    """The record of costs."""
    audit: Audit = field(default_factory=Audit)
    """The record of where content went."""
    responses: Responses = field(default_factory=Responses)
    """What is kept for the Responses API."""
    learning: Learning = field(default_factory=Learning)
    """What is kept to learn from, of routes that say so."""
    alerts: Alerts = field(default_factory=Alerts)
    """Who is told when a budget passes a share of its amount."""
    server: Server = Server()
    """Address, port, workers, limits."""
    log: Log = Log()
    """What is written to standard error."""
    state: str = ".tidegate"
    """The directory of the journal and the generated key; a relative one stands beside the configuration."""
    prices: str | None = None
    """Prices from a date on: a YAML file, or a directory of them; a relative one stands beside the configuration."""
    reference: str | None = None
    """The deployment that savings are counted against; left out: the first large one of the request's route."""
