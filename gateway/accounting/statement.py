"""Statement: a provider's own account of usage or cost, as its API or its pages export it: JSON or CSV.

Read are OpenAI's (`/v1/organization/usage/…`, `/v1/organization/costs`, and the CSV of the usage page), Anthropic's
(`/v1/organizations/usage_report/messages`, `/v1/organizations/cost_report`, and the CSV of the console), and any CSV
whose columns are named. A day is one of UTC, as theirs are.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from gateway.accounting.money import EXACT

MEASURES: Final = ("requests", "prompt_tokens", "cached_tokens", "completion_tokens", "cost")
COLUMNS: Final = ("day", "model", *MEASURES)  # what can be named of a CSV of somebody else's

_CENTS: Final = Decimal(100)  # in a dollar
_MOST: Final = Decimal(10) ** 15  # of anything that is counted here


class UnreadableStatement(Exception):
    """The file is no statement, or not all of it. The message names the file, and the line where there is one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line of a statement says. A measure that it does not have is None. `model` None: of all models."""

    day: date
    model: str | None
    requests: int | None = None
    prompt_tokens: int | None = None  # the cached ones included
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Decimal | None = None  # dollars


@dataclass(frozen=True, slots=True)
class Statement:
    """`provider` in the price list's words; None: not said."""

    provider: str | None
    entries: tuple[Entry, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """Those that any entry has."""
        return tuple(name for name in MEASURES if any(getattr(entry, name) is not None for entry in self.entries))


def read_statement(file: Path, columns: Mapping[str, str] | None = None) -> Statement:
    """`columns` names those of a CSV of no known kind: `{"day": "Date", "cost": "Amount"}`; dates are ISO.

    Raises `UnreadableStatement`, and `OSError`.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        if text.lstrip().startswith(("{", "[")):
            return _of_json(json.loads(text, parse_float=Decimal))
        return _of_csv(text, columns)
    except _Bad as bad:
        raise UnreadableStatement(f"{file}{bad}") from bad
    except json.JSONDecodeError as error:
        raise UnreadableStatement(f"{file}:{error.lineno}: not JSON: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError, csv.Error) as error:
        raise UnreadableStatement(f"{file}: neither JSON nor CSV ({type(error).__name__})") from error


class _Bad(Exception):
    """What goes behind the file's name."""


def _of_json(document: Any) -> Statement:
    """One page of an API's answer, or several in a list."""
    pages = document if isinstance(document, list) else [document]
    buckets: list[Any] = []
    for page in pages:
        if not isinstance(page, dict):
            raise _Bad(": no page of an API's answer")
        buckets += page["data"] if isinstance(page.get("data"), list) else [page]
    entries: list[Entry] = []
    providers: set[str] = set()
    for bucket in buckets:
        if not isinstance(bucket, dict) or not isinstance(bucket.get("results"), list):
            raise _Bad(": no 'results' where a day's should be")
        day, provider = _bucket_of(bucket)
        providers.add(provider)
        entries += [_of_result(result, day, provider) for result in bucket["results"]]
    if len(providers) != 1:
        raise _Bad(": no day of OpenAI's or Anthropic's" if not providers else ": pages of several providers")
    return Statement(providers.pop(), _that_say_something(entries))


def _bucket_of(bucket: Mapping[str, Any]) -> tuple[date, str]:
    if isinstance(start := bucket.get("start_time"), int):
        return _day_of(start), "openai"
    if isinstance(start := bucket.get("starting_at"), str):
        return _day(start), "anthropic"
    raise _Bad(": a day that says neither 'start_time' (OpenAI) nor 'starting_at' (Anthropic)")


def _of_result(result: Any, day: date, provider: str) -> Entry:
    if not isinstance(result, dict):
        raise _Bad(f": a result of {day} is no object")
    if provider == "openai":
        amount = result.get("amount")
        if isinstance(amount, dict):
            _dollars_only(amount.get("currency"))
            return Entry(day, _model_of(result.get("line_item")), cost=_amount(amount.get("value")))
        return _openai_usage(result, day)
    if "amount" in result:
        _dollars_only(result.get("currency"))
        cents = _amount(result["amount"])  # theirs are in cents, whatever the currency's symbol
        return Entry(day, _text(result.get("model")), cost=None if cents is None else EXACT.divide(cents, _CENTS))
    written = result.get("cache_creation")
    parts = [result.get("uncached_input_tokens"), result.get("cache_read_input_tokens")]
    parts += written.values() if isinstance(written, dict) else []
    return _anthropic_usage(day, result.get("model"), parts, result, "cache_read_input_tokens", "output_tokens")


def _openai_usage(row: Mapping[str, Any], day: date) -> Entry:
    return Entry(
        day,
        _text(row.get("model")),
        requests=_count(row.get("num_model_requests")),
        prompt_tokens=_count(row.get("input_tokens")),
        cached_tokens=_count(row.get("input_cached_tokens")),
        completion_tokens=_count(row.get("output_tokens")),
    )


def _anthropic_usage(
    day: date, model: object, prompt: Iterable[object], row: Mapping[str, Any], cached: str, completion: str
) -> Entry:
    return Entry(
        day,
        _text(model),
        prompt_tokens=sum(_count(part) or 0 for part in prompt),
        cached_tokens=_count(row.get(cached)),
        completion_tokens=_count(row.get(completion)),
    )


# One kind of CSV each: the column that tells it, the provider, and what makes an entry of a row.
_Row = Mapping[str, str]


def _openai_usage_row(row: _Row) -> Entry:
    return _openai_usage(row, _openai_day(row))


def _openai_cost_row(row: _Row) -> Entry:
    _dollars_only(row.get("amount_currency"))
    return Entry(_openai_day(row), _model_of(row.get("line_item")), cost=_amount(row["amount_value"]))


def _openai_day(row: _Row) -> date:
    iso = row.get("start_time_iso")
    return _day(iso) if iso else _day_of(int(row["start_time"]))


def _anthropic_usage_row(row: _Row) -> Entry:
    prompt = [value for name, value in row.items() if name.startswith("usage_input_tokens")]
    names = ("usage_input_tokens_cache_read", "usage_output_tokens")
    return _anthropic_usage(_day(row["usage_date_utc"]), row.get("model_version"), prompt, row, *names)


def _anthropic_cost_row(row: _Row) -> Entry:
    return Entry(_day(row["usage_date_utc"]), _text(row.get("model")), cost=_amount(row["cost_usd"]))


_KINDS: Final[Sequence[tuple[str, str, Callable[[_Row], Entry]]]] = (
    ("amount_value", "openai", _openai_cost_row),
    ("num_model_requests", "openai", _openai_usage_row),
    ("cost_usd", "anthropic", _anthropic_cost_row),
    ("usage_input_tokens_no_cache", "anthropic", _anthropic_usage_row),
)


def _of_csv(text: str, columns: Mapping[str, str] | None) -> Statement:
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in first else ",")
    header = reader.fieldnames or ()
    if columns:
        provider, entry_of = None, _of_columns(columns, header)
    else:
        provider, entry_of = _kind_of(header)
    return Statement(provider, _that_say_something(_entries(reader, entry_of)))


def _that_say_something(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Exports have lines for days on which nothing happened."""
    return tuple(entry for entry in entries if any(getattr(entry, name) is not None for name in MEASURES))


def _kind_of(header: Sequence[str]) -> tuple[str, Callable[[_Row], Entry]]:
    for column, provider, entry_of in _KINDS:
        if column in header:
            return provider, entry_of
    raise _Bad(
        ": no columns that OpenAI's or Anthropic's exports have; name them with --columns day=…,model=…,cost=…, of "
        + ", ".join(header[:12])
    )


def _of_columns(columns: Mapping[str, str], header: Sequence[str]) -> Callable[[_Row], Entry]:
    for name in columns.values():
        if name not in header:
            raise _Bad(f": no column {name!r}; there are {', '.join(header[:12])}")

    def entry_of(row: _Row) -> Entry:
        given = {measure: row[name] for measure, name in columns.items()}
        counts = {name: _count(given.get(name)) for name in MEASURES if name != "cost"}
        return Entry(_day(given["day"]), _text(given.get("model")), **counts, cost=_amount(given.get("cost")))

    return entry_of


def _entries(reader: csv.DictReader[str], entry_of: Callable[[_Row], Entry]) -> Iterator[Entry]:
    for row in reader:
        if None in row:  # a comma in a number that nobody put in quotes, for one
            raise _Bad(f":{reader.line_num}: more cells than the first line has")
        given = {name: (value or "").strip() for name, value in row.items()}
        if not any(given.values()):
            continue
        try:
            yield entry_of(given)
        except _Bad as bad:
            raise _Bad(f":{reader.line_num}{bad}") from bad
        except (KeyError, ValueError) as error:
            raise _Bad(f":{reader.line_num}: cannot be read: {error}") from error


def _day(text: str) -> date:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Bad(f": {text!r} is no ISO date, such as 2026-11-23") from None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _day_of(seconds: int) -> date:
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (OverflowError, ValueError, OSError):
        raise _Bad(f": {seconds} is no time in seconds since 1970") from None


def _dollars_only(currency: object) -> None:
    if isinstance(currency, str) and currency and currency.lower() != "usd":
        raise _Bad(f": an amount in {currency}; the ledger counts dollars")


def _model_of(line_item: object) -> str | None:
    """`gpt-4o-2024-08-06, cached input` is of gpt-4o-2024-08-06."""
    text = _text(line_item)
    return None if text is None else text.partition(",")[0].strip()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int | None:
    """`12.0` counts, as spreadsheets write it."""
    number = _amount(value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise _Bad(f": {value} is no whole number")
    return int(number)


def _amount(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise InvalidOperation
        number = Decimal(value)
    except InvalidOperation:
        raise _Bad(f": {value!r} is no number") from None
    if not number.is_finite() or abs(number) > _MOST:
        raise _Bad(f": {value} is no amount")
    return number
