"""Healthcheck: exit status 0 while the gateway answers. For images without curl; standard library only.

`/v1/models` without a key is refused with 401, which is an answer: it shows that a worker is alive. A status from 500
on, a refused connection or silence is not.
"""

from __future__ import annotations

import http.client
import os
import sys

TIMEOUT = 3.0  # seconds


def healthy(host: str, port: int, timeout: float = TIMEOUT) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", "/v1/models")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if healthy("127.0.0.1", int(os.environ.get("TIDEGATE_PORT", "8080"))) else 1)
