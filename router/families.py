"""Families: named groups of entity types, so that a policy can say `finance` instead of listing what that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

FAMILIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "identity": frozenset({"PERSON", "DATE_OF_BIRTH", "NATIONAL_ID", "PASSPORT", "DRIVER_LICENSE"}),
        "contact": frozenset({"EMAIL", "PHONE", "ADDRESS"}),
        "online": frozenset({"IP", "MAC", "LOCATION", "USERNAME"}),
        "vehicle": frozenset({"LICENSE_PLATE", "VIN"}),
        "finance": frozenset({"CREDIT_CARD", "IBAN", "BANK_ACCOUNT", "WALLET"}),
        "reference": frozenset({"ACCOUNT_ID", "CASE_ID"}),
        "health": frozenset({"HEALTH", "MEDICAL_RECORD", "HEALTH_INSURANCE", "HEALTH_PRO_ID", "PRESCRIPTION"}),
        "special": frozenset({"SPECIAL_CATEGORY"}),
        "secrets": frozenset({"SECRET", "PRIVATE_KEY", "PASSWORD", "USERNAME", "WALLET"}),
        "classification": frozenset({"CLASSIFICATION"}),
        "entity": frozenset({"NAMED_ENTITY"}),
    }
)
"""A type can be of two families: a user name is found beside a password only, a wallet's seed is as good as its key."""

TYPES = frozenset().union(*FAMILIES.values())
"""All types that are found with what ships. A detector that is plugged in may have others, of no family."""


def types_of(names: Iterable[str]) -> frozenset[str]:
    """Types, and those of the families among `names`. What is neither stands for itself."""
    found: set[str] = set()
    for name in names:
        found |= FAMILIES.get(name, {name})
    return frozenset(found)
