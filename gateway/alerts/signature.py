"""The signature of a webhook: HMAC-SHA256 over id, time and body, as the Standard Webhooks specification 1.0 has it.

https://www.standardwebhooks.com has libraries that verify it. The time keeps anybody from sending it again later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def signed(key: bytes, identity: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers. `at` is seconds since the epoch."""
    digest = hmac.new(key, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
