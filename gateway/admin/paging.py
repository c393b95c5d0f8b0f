"""Paging: long lists in pages. A cursor says behind which row the next page begins, so that rows which come or go in
the meantime are neither skipped nor given twice. Clients are to hand it back and not to read it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel

from gateway.wire.errors import BadRequest

MOST: Final = 1000  # rows on a page
_LONGEST: Final = 1024  # characters of a cursor
Place = tuple[str | int | float, ...]
"""Where a row stands: the columns that the list is ordered by, of which no two rows have the same."""
Row = TypeVar("Row")
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A part of a list. `next_cursor` leads to the next, and is null on the last."""

    object: Literal["list"] = "list"
    data: list[Item]
    has_more: bool
    next_cursor: str | None


class Wanted:
    """Which page is wanted: the `limit` rows behind `cursor`, or the first ones."""

    __slots__ = ("_cursor", "limit")

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Rows on a page.")] = 100,
        cursor: Annotated[
            str | None, Query(max_length=_LONGEST, description="`next_cursor` of the page before; left out: the first.")
        ] = None,
    ) -> None:
        self.limit = limit
        self._cursor = cursor

    @property
    def fetch(self) -> int:
        """How many rows to ask for: one more than is given, which tells whether there is another page."""
        return self.limit + 1

    def after(self, *kinds: type) -> Any:
        """The place behind which the page begins, of columns of these kinds; None for the first. Raises `BadRequest`
        for a cursor that is not one of this list."""
        if self._cursor is None:
            return None
        try:
            place = orjson.loads(base64.urlsafe_b64decode(self._cursor.encode()))
        except (binascii.Error, ValueError):
            place = None
        if (
            not isinstance(place, list)
            or [type(column) for column in place] != list(kinds)
            or not all(map(_is_column, place))
        ):
            raise BadRequest(
                "This cursor is not one of this list. Take `next_cursor` of the page before.",
                param="cursor",
                code="invalid_value",
            )
        return tuple(place)

    def page(self, rows: Sequence[Row], place: Callable[[Row], Place], shown: Callable[[Row], Item]) -> Page[Item]:
        """A page of `rows`, of which there are up to `fetch`. `place` is what `after` gives for the row."""
        given = rows[: self.limit]
        more = len(rows) > len(given)
        return Page(
            data=[shown(row) for row in given],
            has_more=more,
            next_cursor=base64.urlsafe_b64encode(orjson.dumps(place(given[-1]))).decode() if more else None,
        )


def _is_column(value: object) -> bool:
    """Whether a database has such a thing: numbers of 64 bits, and PostgreSQL's texts are without NUL."""
    return "\0" not in value if isinstance(value, str) else not isinstance(value, int) or -(2**63) <= value < 2**63


Paging = Annotated[Wanted, Depends(Wanted)]
