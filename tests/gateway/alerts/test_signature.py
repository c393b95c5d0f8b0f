"""If this fails, no receiver believes an alert; or anybody can send one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from pathlib import Path
from typing import Any

from gateway.alerts.signature import signed
from gateway.config.alerts import signing_key

# The example of the specification's own libraries: its secret, id, time and body.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
IDENTITY, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


def test_it_is_that_of_the_specification() -> None:
    key = signing_key(SECRET)
    assert key is not None
    assert signed(key, IDENTITY, AT, BODY) == {
        "webhook-id": IDENTITY,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_it_is_a_hash_over_id_time_and_body() -> None:
    key = bytes(range(32))
    made = signed(key, "evt_1", 7, b"{}")["webhook-signature"]
    expected = hmac.new(key, b"evt_1.7.{}", hashlib.sha256).digest()
    assert made == f"v1,{base64.b64encode(expected).decode()}"
    assert made != signed(key, "evt_1", 8, b"{}")["webhook-signature"]


def test_the_page_says_how_to_check_it() -> None:
    page = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text()
    (program,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102  # the example of the page
    is_genuine, key, now = names["is_genuine"], signing_key(SECRET), int(time.time())
    assert key is not None
    assert is_genuine(signed(key, "evt_1", now, BODY), BODY, SECRET)
    assert not is_genuine(signed(key, "evt_1", now, BODY), b"{}", SECRET)
    assert not is_genuine(signed(bytes(32), "evt_1", now, BODY), BODY, SECRET)
    assert not is_genuine(signed(key, "evt_1", now - 400, BODY), BODY, SECRET)
