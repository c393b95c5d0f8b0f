"""If these fail, a client is told the wrong thing went wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.wire import errors
from gateway.wire.errors import GatewayError


def tree(root: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


OWN = [error for error in tree(GatewayError) if error.__module__ == errors.__name__]


@pytest.mark.parametrize("error", OWN, ids=lambda error: error.__name__)
def test_each_error_has_a_status_and_is_drawn_in_the_tree(error: type[GatewayError]) -> None:
    assert 400 <= error.status <= 599
    assert error.__name__ in (errors.__doc__ or "")


def test_what_the_caller_can_do_travels_along() -> None:
    error = errors.TooManyRequests("slow down", retry_after=3, param="model")
    assert (error.status, error.code, error.retry_after, error.param) == (429, "rate_limit_exceeded", 3, "model")
    assert str(error) == "slow down"
