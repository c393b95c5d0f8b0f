"""Presets: policies to start from. Each says of every family what it keeps and what it lets go.

None lets secrets go, nor what its author labelled confidential, nor a type that it does not know, such as an
operator's own terms. Rules of the operator come before those of a preset.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from router.clearance import ANY, LOCAL, Clearance
from router.families import types_of
from router.rule import Rule

_EU = Clearance.parse("eu+local")
_MASKED = Clearance.parse("masked")


def _rules(preset: str, *said: tuple[str, Clearance]) -> tuple[Rule, ...]:
    """Each of `said` is a list of families and types, and how far such findings may travel."""
    rules = [
        Rule(types_of(names.split()), clearance=clearance, name=f"preset {preset}: {names}")
        for names, clearance in said
    ]
    return tuple(rules)


_KEPT = ("secrets classification", LOCAL)

PRESETS: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        # Personal data may be worked on where the regulation holds. What it guards more (articles 9 and 87: special
        # categories, health, national identification numbers, with them papers that carry such), stays at home.
        "gdpr": _rules(
            "gdpr",
            _KEPT,
            ("health special NATIONAL_ID PASSPORT DRIVER_LICENSE", LOCAL),
            ("identity contact online vehicle finance reference", _EU),
            ("entity", ANY),
        ),
        # The identifiers of 45 CFR 164.514(b)(2), "safe harbor", and everything about health itself.
        "health": _rules(
            "health",
            _KEPT,
            ("health special identity contact online vehicle finance reference", LOCAL),
            ("entity", ANY),
        ),
        # Accounts, and what somebody could be impersonated with; who a customer is goes out as a placeholder only.
        "finance": _rules(
            "finance",
            _KEPT,
            ("finance reference health special NATIONAL_ID PASSPORT DRIVER_LICENSE DATE_OF_BIRTH", LOCAL),
            ("PERSON contact online vehicle", _MASKED),
            ("entity", ANY),
        ),
        # For code and operations: people and their data are none of its business.
        "secrets-only": _rules(
            "secrets-only",
            _KEPT,
            ("identity contact online vehicle finance reference health special entity", ANY),
        ),
        "everything-local": (Rule(clearance=LOCAL, whole=True, name="preset everything-local"),),
    }
)
