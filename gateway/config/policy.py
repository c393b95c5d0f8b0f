"""Policy: the settings that say what stays at home. `rulebook.py` puts them in the router's terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gateway.config.kinds import Within
from gateway.config.strict import Strict

Action = Literal["local", "mask", "block", "allow"]
Preset = Literal["gdpr", "health", "finance", "secrets-only", "everything-local"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule(Strict):
    """What is found, who asks, and how far the content may then travel: `action`, `zones` or `clearance`; of none of
    them, it stays `local`.

    A rule that says whom it is for (`labels` to `regions`) and no `types` holds for their requests whatever is found.
    """

    types: tuple[str, ...] | None = None
    """Types of findings such as `EMAIL`, and families such as `finance`; `*` is any. Left out: any."""
    confidence: Annotated[float, Within(ge=0, le=1)] | None = None
    """How sure the detector must be. Left out: its own threshold for the type."""
    labels: tuple[str, ...] = ()
    """Only requests with one of these labels (`x-tidegate-label`). Such a rule is joined to what others say."""
    routes: tuple[str, ...] = ()
    """Only requests to one of these routes."""
    keys: tuple[str, ...] = ()
    """Only requests of one of these keys."""
    teams: tuple[str, ...] = ()
    """Only requests of keys of one of these teams."""
    regions: tuple[str, ...] = ()
    """Only requests of one of these regions."""
    action: Action | None = None
    """`local`: stays at home. `mask`: travels with placeholders for what was found. `block`: is refused. `allow`: does
    not matter."""
    zones: tuple[str, ...] | None = None
    """The zones that the content may travel to, such as `[local, eu]`; with `mask`, those that get placeholders."""
    clearance: str | None = None
    """The same in the notation of clearances: `local`, `eu+local`, `masked`, `masked:eu+local`, `any`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Strict):
    """The rules that turn findings into a clearance. The default: any finding at all means `local`."""

    preset: Preset | None = None
    """Rules that are there already; your own come before them."""
    rules: tuple[PolicyRule, ...] = ()
    """In order: the first rule for a finding's type decides for that finding; of several findings the strictest wins.
    A type that no rule names stays `local`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Strict):
    """How far parts may travel that cannot be read: a clearance for each kind. Nobody looks into them."""

    image: str = "local"
    """Images, and links to some."""
    audio: str = "local"
    """Sound."""
    video: str = "local"
    """Video."""
    file: str = "local"
    """Files, such as a PDF."""
    tokens: str = "local"
    """Prompts as token numbers."""
    encrypted: str = "local"
    """Encrypted thoughts (`encrypted_content`, `signature`) that a client sends back. The gateway cannot prove which
    zone they are from: name the zones of the deployments that give some."""
    blob: str = "local"
    """Base64 or the like in a text, too long to be decoded, that does not say what it is."""
