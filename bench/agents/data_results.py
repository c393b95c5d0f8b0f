"""What tools answer in data: JSON of APIs, CSV, HTML, lists of pages."""

from __future__ import annotations

import json
from collections.abc import Callable

from bench.agents.draws import Draw


def issues(draw: Draw) -> str:
    return json.dumps(
        [
            {
                "id": draw.number(10**8, 10**10 - 1),
                "node_id": f"I_kwDO{draw.b62(16)}",
                "number": draw.number(1, 9000),
                "title": f"{draw.word()} fails when {draw.word()} is empty",
                "state": draw.of(("open", "closed")),
                "labels": [{"name": "bug", "color": draw.hex(6)}],
                "html_url": f"https://github.com/example/{draw.word()}/issues/{draw.number(1, 9000)}",
                "sha": draw.hex(40),
                "created_at": draw.time(),
            }
            for _ in range(draw.number(1, 5))
        ],
        indent=draw.chance.choice((None, 2)),
    )


def page_of_objects(draw: Draw) -> str:
    return json.dumps(
        {
            "object": "list",
            "data": [
                {
                    "id": f"{draw.of(('prod_', 'price_', 'evt_', 'in_', 'sub_', 'plan_', 'item_'))}{draw.b62(24)}",
                    "created": draw.number(1_700_000_000, 1_790_000_000),
                    "etag": f'W/"{draw.b64url(20)}"',
                    "metadata": {"request_id": f"req_{draw.b62(24)}", "version": draw.version()},
                    "status": draw.of(("active", "draft", "archived")),
                }
                for _ in range(draw.number(1, 4))
            ],
            "has_more": True,
            draw.of(
                ("next_cursor", "nextPageToken", "next_page_token", "continuationToken", "starting_after")
            ): draw.of([draw.cursor(), draw.b64url(36), draw.b64(48)]),
        }
    )


def pods(draw: Draw) -> str:
    return json.dumps(
        {
            "kind": "Pod",
            "metadata": {
                "name": f"{draw.word()}-{draw.hex(10)}-{draw.hex(5)}",
                "uid": draw.uuid(),
                "resourceVersion": str(draw.number(10**5, 10**8)),
                "labels": {"app": draw.word(), "pod-template-hash": draw.hex(10)},
            },
            "spec": {
                "containers": [{"name": "app", "image": f"ghcr.io/example/{draw.word()}@sha256:{draw.hex(64)}"}],
                "serviceAccountName": "default",
                "volumes": [{"secret": {"secretName": f"{draw.word()}-credentials"}}],
            },
            "status": {"podIP": f"10.{draw.number(0, 255)}.{draw.number(0, 255)}.{draw.number(1, 254)}"},
        },
        indent=2,
    )


def weather(draw: Draw) -> str:
    return json.dumps(
        {
            "city": draw.city(),
            "temp_c": draw.number(-10, 38),
            "condition": draw.of(("Sunny", "Light rain", "Partly cloudy", "Overcast", "Snow showers")),
            "wind": {"speed_kph": draw.number(0, 60), "direction": draw.of(("NW", "S", "ENE"))},
            "forecast": [{"day": day, "high": draw.number(0, 38)} for day in ("Monday", "Tuesday", "Wednesday")],
        }
    )


def web_search(draw: Draw) -> str:
    titles = (
        "Getting Started with Docker Compose", "How to Write a Good Commit Message", "The Rust Programming Language",
        "PostgreSQL: Documentation: Index Types", "Best Hiking Trails near Munich", "What is a Load Balancer?",
        "Understanding React Server Components", "A Short History of the Eiffel Tower", "Learn SQL in One Weekend",
    )  # fmt: skip
    return json.dumps(
        {
            "query": f"{draw.word()} best practices",
            "results": [
                {
                    "title": draw.of(titles),
                    "url": f"https://example.com/{draw.word()}/{draw.word()}?utm_source=search&id={draw.hex(12)}",
                    "snippet": f"A guide to {draw.word()} and {draw.word()}, with examples and common mistakes.",
                    "score": draw.chance.random(),
                }
                for _ in range(draw.number(1, 4))
            ],
            "searchId": draw.b62(22),
        }
    )


def cloud_resources(draw: Draw) -> str:
    return json.dumps(
        {
            "Instances": [
                {
                    "InstanceId": f"i-0{draw.hex(16)}",
                    "ImageId": f"ami-0{draw.hex(16)}",
                    "SubnetId": f"subnet-0{draw.hex(16)}",
                    "Tags": [{"Key": "Name", "Value": f"{draw.word()}-{draw.number(1, 9)}"}],
                    "Arn": f"arn:aws:ec2:eu-west-1:123456789012:instance/i-0{draw.hex(16)}",
                }
            ],
            "ResponseMetadata": {
                "RequestId": draw.uuid(),
                "HTTPHeaders": {"x-amz-id-2": draw.b64(48), "x-amz-request-id": draw.hex(16).upper()},
            },
            "NextToken": draw.b64(60),
        }
    )


def csv_table(draw: Draw) -> str:
    rows = [
        f"{number},{draw.word()}-{draw.number(100, 999)},{draw.city()},{draw.number(1, 500)},{draw.number(1, 9999) / 100:.2f},"
        f"{draw.uuid()}"
        for number in range(1, draw.number(4, 14))
    ]
    return "\n".join(("id,sku,warehouse,quantity,price,row_key", *rows))


def web_page(draw: Draw) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{draw.word().title()} docs</title>\n'
        f'<meta name="csrf-token" content="{draw.b64(32)}">\n'
        f'<link rel="stylesheet" href="/assets/app-{draw.b62(8)}.css" integrity="sha384-{draw.b64(48)}" crossorigin>\n'
        f'<script nonce="{draw.b64(16)}" src="/_next/static/chunks/{draw.hex(16)}.js" defer></script></head>\n'
        f'<body><main class="css-{draw.b62(6)}"><h1>{draw.word().title()}</h1><p>Set <code>API_KEY</code> in your '
        f"environment before you start the {draw.word()}.</p>"
        f'<img alt="logo" src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA{draw.b64(90)}">'
        f'<input type="hidden" name="authenticity_token" value="{draw.b64(64)}"></main></body></html>'
    )


def embeddings(draw: Draw) -> str:
    return json.dumps(
        {
            "vectors": [[round(draw.chance.uniform(-1, 1), 6) for _ in range(24)]],
            "model": "text-embedding-3-small",
            "system_fingerprint": f"fp_{draw.hex(10)}",
            "id": f"embd-{draw.b62(29)}",
        }
    )


def trace(draw: Draw) -> str:
    return json.dumps(
        {
            "traceId": draw.hex(32),
            "spans": [
                {
                    "spanId": draw.hex(16),
                    "parentSpanId": draw.hex(16),
                    "name": f"{draw.of(('GET', 'POST'))} /v1/{draw.word()}",
                    "attributes": {"http.status_code": 200, "correlationId": draw.b62(26), "message_id": draw.ulid()},
                }
                for _ in range(draw.number(1, 4))
            ],
        }
    )


RESULTS: tuple[Callable[[Draw], str], ...] = (
    issues,
    page_of_objects,
    pods,
    weather,
    web_search,
    cloud_resources,
    csv_table,
    web_page,
    embeddings,
    trace,
)
