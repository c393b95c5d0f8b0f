"""The asker: who a request comes from, as far as policies can tell them apart, and what they called it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from router.policy import Policy


class Asker(NamedTuple):
    """`labels` are those of the request, such as `confidential`; `policies` hold besides the router's and the route's.

    What is not known is empty, and no rule is for it.
    """

    key: str = ""
    team: str = ""
    region: str = ""
    labels: frozenset[str] = frozenset()
    policies: tuple[Policy, ...] = ()


NOBODY: Final = Asker()
