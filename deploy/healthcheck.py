"""Healthcheck: exit status 0 while a worker of the gateway answers. For images without curl; standard library only."""

from __future__ import annotations

import http.client
import os
import sys

PORT = 8080  # inside the image; TIDEGATE_PORT for another
TIMEOUT = 3.0  # seconds


def healthy(host: str, port: int, timeout: float = TIMEOUT) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if healthy("127.0.0.1", int(os.environ.get("TIDEGATE_PORT", PORT))) else 1)
