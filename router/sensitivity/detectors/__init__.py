"""All detectors, one family a file. This is the one place where they are listed."""

from __future__ import annotations

from router.sensitivity.detector import Detector
from router.sensitivity.detectors.addresses import ADDRESSES
from router.sensitivity.detectors.birth import BIRTH_DATES
from router.sensitivity.detectors.classification import CLASSIFICATION
from router.sensitivity.detectors.command_lines import COMMAND_LINES
from router.sensitivity.detectors.contacts import CONTACTS, PHONE_RULES
from router.sensitivity.detectors.credentials import CREDENTIALS
from router.sensitivity.detectors.documents import DOCUMENT_RULES, PAPERS
from router.sensitivity.detectors.health import HEALTH
from router.sensitivity.detectors.names import NAMES
from router.sensitivity.detectors.national_ids import NATIONAL_ID_RULES
from router.sensitivity.detectors.network import NETWORK
from router.sensitivity.detectors.password_hashes import PASSWORD_HASHES
from router.sensitivity.detectors.payment import BIC, IBAN, PAYMENT_RULES
from router.sensitivity.detectors.private_keys import PRIVATE_KEYS
from router.sensitivity.detectors.random_tokens import RANDOM_TOKENS
from router.sensitivity.detectors.secrets import SECRETS
from router.sensitivity.detectors.special_categories import SPECIAL_CATEGORIES
from router.sensitivity.detectors.spoken_secrets import SPOKEN_SECRETS
from router.sensitivity.detectors.vendor_names import VENDOR_NAMES
from router.sensitivity.detectors.wallets import WALLETS
from router.sensitivity.rule import NumberDetector

NUMBER_RULES = (*PHONE_RULES, *PAYMENT_RULES, *NATIONAL_ID_RULES, *DOCUMENT_RULES)
NUMBERS = NumberDetector("numbers", NUMBER_RULES)


def default_detectors() -> tuple[Detector, ...]:
    """What ships. Findings do not depend on the order, but a scan that stops early does: what tells by its words rather
    than by its form costs most, and is asked last.
    """
    return (
        CONTACTS,
        IBAN,
        BIC,
        PAPERS,
        NETWORK,
        BIRTH_DATES,
        HEALTH,
        CLASSIFICATION,
        WALLETS,
        PASSWORD_HASHES,
        PRIVATE_KEYS,
        SECRETS,
        VENDOR_NAMES,
        NUMBERS,
        SPOKEN_SECRETS,
        COMMAND_LINES,
        RANDOM_TOKENS,
        CREDENTIALS,
        SPECIAL_CATEGORIES,
        ADDRESSES,
        NAMES,
    )
