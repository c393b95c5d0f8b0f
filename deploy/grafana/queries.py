"""Queries: what every panel of the dashboard shows right now, as text, straight from Prometheus.

    python deploy/grafana/queries.py --prometheus http://127.0.0.1:9090

Prints each panel's title, query and values. Exit status 1 when a query fails or has no data. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DASHBOARD = Path(__file__).parent / "dashboards" / "tidegate.json"
TIMEOUT = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Query:
    """`expression` as it stands in the dashboard, Grafana's variables and all."""

    title: str
    expression: str

    def filled(self, *, rate: str, over: str, route: str = ".*") -> str:
        """As PromQL: `rate` and `over` are durations (`5m`) for `$__rate_interval` and `$__range`."""
        variables = {"$__rate_interval": rate, "$__range": over, "$route": route}
        text = self.expression
        for name, value in variables.items():
            text = text.replace(name, value)
        return text


@dataclass(frozen=True, slots=True)
class Value:
    labels: dict[str, str]
    value: float


class QueryFailed(Exception):
    """Prometheus refused the query or could not be reached; the message says why."""


def queries(dashboard: Path = DASHBOARD) -> Iterator[Query]:
    """Every query of every panel, in the dashboard's order."""
    for panel in json.loads(dashboard.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield Query(panel["title"], target["expr"])


def ask(prometheus: str, expression: str) -> list[Value]:
    """The instant vector of `expression` now; empty when there is no data. Raises QueryFailed."""
    url = f"{prometheus.rstrip('/')}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 # the operator's own address
            body: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise QueryFailed(error.read().decode(errors="replace")) from error
    except OSError as error:
        raise QueryFailed(str(error)) from error
    data = body["data"]
    if data["resultType"] == "scalar":
        return [Value({}, float(data["result"][1]))]
    return [Value(item["metric"], float(item["value"][1])) for item in data["result"]]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090", metavar="URL")
    parser.add_argument("--rate", default="5m", metavar="DURATION", help="for $__rate_interval (default 5m)")
    parser.add_argument("--range", default="1h", metavar="DURATION", dest="over", help="for $__range (default 1h)")
    parser.add_argument("--route", default=".*", metavar="REGEX", help="for $route (default: all)")
    parser.add_argument("--dashboard", default=DASHBOARD, type=Path, metavar="FILE")
    args = parser.parse_args(argv)
    empty = 0
    for query in queries(args.dashboard):
        expression = query.filled(rate=args.rate, over=args.over, route=args.route)
        print(f"{query.title}\n  {expression}")
        try:
            values = ask(args.prometheus, expression)
        except QueryFailed as error:
            print(f"  failed: {error}")
            empty += 1
            continue
        for value in values:
            labels = ", ".join(f"{name}={text}" for name, text in sorted(value.labels.items()) if name != "__name__")
            print(f"    {value.value:<14.6g} {labels}".rstrip())
        if not values:
            print("    no data")
            empty += 1
    print(f"{empty} without data" if empty else "every query has data")
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())
