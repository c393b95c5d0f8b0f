"""Spending: what shadow evaluation may still spend on a route today, held in SQL for all workers and replicas.

Money is held before a call, at the most that it can cost, and given back as far as it cost less. So a day's budget
cannot be overrun by several who spend at once; of a process that dies, what it held stays spent.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import ClassVar, Final, Self

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, update

from gateway.learning.tables import inserting
from gateway.stores.sql import WAIT_SECONDS, Database

_METADATA: Final = MetaData()
_SPENDING: Final = Table(
    "learning_spending",
    _METADATA,
    Column("day", Text, primary_key=True),  # YYYY-MM-DD, UTC
    Column("route", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),  # held or spent, in millionths of a millionth of a dollar
)
_EXACT: Final = Context(prec=60)
_QUANTA: Final = 12  # decimal places of a dollar
_LOCK: Final = 0x71DE6A81  # of PostgreSQL's advisory locks, the one that replicas take to make the table
_MINE: Final = (_SPENDING.c.day == bindparam("of_day")) & (_SPENDING.c.route == bindparam("of_route"))
_HOLD: Final = (
    update(_SPENDING)
    .where(_MINE, _SPENDING.c.amount + bindparam("more") <= bindparam("most"))
    .values(amount=_SPENDING.c.amount + bindparam("more"))
)
_GIVE_BACK: Final = update(_SPENDING).where(_MINE).values(amount=_SPENDING.c.amount - bindparam("less"))


class _Database(Database):
    name: ClassVar[str] = "learning"


class Spending:
    """Every method raises `DatabaseUnavailable` when the database is away. Amounts are dollars."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, wait_seconds: float = WAIT_SECONDS) -> Self:
        """Connects, and makes the tables where there are none."""
        return cls(_Database.opened(url, wait_seconds, lambda database: database.make_tables(_METADATA, _LOCK)))

    def hold(self, day: str, route: str, amount: Decimal, budget: Decimal) -> bool:
        """Whether so much is left of the day's budget; then it is held."""
        whose = {"of_day": day, "of_route": route}
        with self._database.writing() as connection:
            row = inserting(connection, _SPENDING).on_conflict_do_nothing(index_elements=["day", "route"])
            connection.execute(row, {"day": day, "route": route, "amount": 0})
            held = connection.execute(_HOLD, {**whose, "more": _quanta(amount), "most": _quanta(budget)})
            return held.rowcount == 1

    def give_back(self, day: str, route: str, amount: Decimal) -> None:
        """What was held and not spent; less than nothing: what was spent beyond, by a server that keeps to no limit."""
        given = {"of_day": day, "of_route": route, "less": _quanta(amount, ROUND_FLOOR)}
        with self._database.writing() as connection:
            connection.execute(_GIVE_BACK, given)

    def close(self) -> None:
        self._database.close()


def _quanta(amount: Decimal, rounding: str = ROUND_CEILING) -> int:
    return int(amount.scaleb(_QUANTA, _EXACT).to_integral_value(rounding, _EXACT))
