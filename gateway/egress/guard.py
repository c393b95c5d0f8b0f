"""The guard: nothing is sent to a deployment that the clearance does not permit. There is no flag to switch it off.

Engines send only against a `Permit`, and only the guard makes one, so a path that forgot to ask cannot send.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from gateway.egress.target import Target
from gateway.wire.errors import NoDeployment
from router.clearance import Clearance
from router.masking.proof import MaskedBody

_SEAL = object()


class LocalityRefused(NoDeployment):
    """The deployment lies outside the clearance. Reaching this means a plan was wrong; the content stays."""

    code = "locality_refused"


class Permit(Struct, frozen=True, gc=False):
    """Leave to send content of `clearance` to `target`. Made by `Guard.permit` and by nothing else.

    `masking` is what has to be sent instead of the content as it came; None: the content as it came.
    """

    target: Target
    clearance: Clearance
    seal: object
    masking: MaskedBody | None = None

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise LocalityRefused("a permit is made by the guard only")


@dataclass(frozen=True, slots=True)
class Guard:
    """`on_refusal(deployment, zone)` counts."""

    on_refusal: Callable[[str, str], None]

    def permit(self, target: Target, clearance: Clearance, masking: MaskedBody | None = None) -> Permit:
        """Raises `LocalityRefused` where the clearance does not permit the target's zone.

        `masking` is the content masked, if it could be. It is what goes to a zone that may see no other.
        """
        if clearance.permits(target.zone):
            return Permit(target, clearance, _SEAL)
        # Masks were proven for one clearance, and are good for no other.
        if masking is None or masking.clearance != clearance or not clearance.permits(target.zone, masked=True):
            self.on_refusal(target.name, target.zone)
            raise LocalityRefused("This content may not be sent where the chosen model runs.")
        return Permit(target, clearance, _SEAL, masking)
