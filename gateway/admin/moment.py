"""Moment: a time as requests say it, in whole seconds since the epoch as answers do, or in ISO 8601 with a zone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from gateway.access.registry import LAST_MOMENT

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_MOMENT: Final = -62_135_596_800  # the beginning of the year 1


def _of_the_calendar(said: object, read: ValidatorFunctionWrapHandler) -> int | datetime:
    """A database would take what no date can say for a fault of its own."""
    try:
        moment: int | datetime = read(said)
    except ValidationError:
        moment = _FIRST_MOMENT - 1
    if isinstance(moment, datetime) and not (isinstance(said, str) and _DATE.match(said)):
        moment = _FIRST_MOMENT - 1  # parts of a second, which the document does not speak of
    at = moment.timestamp() if isinstance(moment, datetime) else moment
    if not _FIRST_MOMENT <= at <= LAST_MOMENT:
        raise PydanticCustomError(
            "moment", "Input should be seconds since the epoch, or a time such as 2027-01-31T00:00:00Z"
        )
    return moment


Moment = Annotated[int | AwareDatetime, WrapValidator(_of_the_calendar)]


def seconds(moment: int | datetime | None) -> float | None:
    """Since the epoch."""
    return moment.timestamp() if isinstance(moment, datetime) else moment


def shown(at: float | None) -> int | None:
    return None if at is None else int(at)
