"""All detectors, one family a file. This is the one place where they are listed."""

from __future__ import annotations

from router.sensitivity.detector import Detector
from router.sensitivity.detectors.contacts import CONTACTS
from router.sensitivity.detectors.health import HEALTH
from router.sensitivity.detectors.national_ids import NATIONAL_IDS
from router.sensitivity.detectors.payment import IBAN, PAYMENT
from router.sensitivity.detectors.secrets import PRIVATE_KEYS, SECRETS


def default_detectors() -> tuple[Detector, ...]:
    """What ships, in no particular order: findings do not depend on it."""
    return (CONTACTS, IBAN, PAYMENT, NATIONAL_IDS, SECRETS, PRIVATE_KEYS, HEALTH)
