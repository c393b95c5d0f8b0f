"""Routing rules and specialists against the real gateway: what goes where, what the receipt says, and that neither lets
anything out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.anthropic_client import claude
from tests.harness.client import ask, get, post
from tests.harness.configs import deployment
from tests.harness.gateway import KEY, OTHER_KEY, Gateway
from tests.harness.prompts import CARD, EASY, HARD_PROOF
from tests.harness.wait import until
from tests.router.specialists.prompts import MORE_SUPPORT, OTHERS, SUPPORT
from tests.servers.upstream import Upstreams

ALWAYS = "00:00-24:00"


def configuration(upstreams: Upstreams) -> str:
    specialist = {"name": "faq", "examples": "faq.txt"}
    rules = [
        {"name": "batch", "when": {"tags": ["batch"], "hours": ALWAYS}, "use": "small"},
        {"name": "clerk", "when": {"keys": ["clerk"]}, "use": "large"},
        {"name": "german", "when": {"languages": ["de"]}, "use": "second"},
        {"name": "sql", "when": {"matches": r"(?i)\bselect\b.*\bfrom\b"}, "use": "large"},
    ]
    settings = {
        "deployments": {
            "small": deployment(upstreams.local, "local"),
            "second": deployment(upstreams.local, "local"),
            "tuned": deployment(upstreams.local, "local"),
            "away": deployment(upstreams.cloud, "cloud"),
            "large": deployment(upstreams.cloud, "cloud"),
        },
        "routes": {
            "auto": {
                "small": ["small", "second"],
                "large": ["large"],
                "rules": rules,
                "specialists": [{**specialist, "deployment": "tuned"}],
            },
            "away": {"small": ["small"], "large": ["large"], "specialists": [{**specialist, "deployment": "away"}]},
        },
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}, {"name": "clerk", "key": "${OTHER_KEY}"}],
        "cache": {"enabled": True, "scope": "global"},
        "ledger": {"url": "sqlite:///tidegate.db"},
        "server": {"timezone": "Europe/Berlin"},
    }
    return json.dumps(settings)


@pytest.fixture(scope="module")
def gateway_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    directory = tmp_path_factory.mktemp("rules")
    (directory / "faq.txt").write_text("\n".join(SUPPORT))
    with Gateway(directory, configuration(upstreams_of_session)) as gateway:
        yield gateway


@pytest.fixture
def gateway(gateway_of_module: Gateway, upstreams: Upstreams) -> Gateway:
    return gateway_of_module


def served(gateway: Gateway, body: dict[str, Any], key: str = KEY, **headers: str) -> tuple[str, str]:
    """The deployment that answered, and why."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = post(gateway, body, key=key, headers={"cache-control": "no-store, no-cache", **named})
    assert answer.status_code == 200, answer.text
    return answer.headers["x-tidegate-deployment"], answer.headers["x-tidegate-reason"]


def test_the_first_rule_for_a_request_decides_and_the_receipt_names_it(gateway: Gateway) -> None:
    assert served(gateway, ask(HARD_PROOF), x_tidegate_tags="eval, Batch") == ("small", "rule(batch)")
    assert served(gateway, ask(HARD_PROOF, metadata={"tags": "batch"}), OTHER_KEY) == ("small", "rule(batch)")
    assert served(gateway, ask(EASY), OTHER_KEY) == ("large", "rule(clerk)")
    assert served(gateway, ask("Was ist die Hauptstadt von Frankreich?")) == ("second", "rule(german)")
    assert served(gateway, ask("Explain: SELECT a FROM b")) == ("large", "rule(sql)")
    assert served(gateway, ask(EASY))[1].startswith("easy(")


def test_a_domain_goes_to_its_specialist_and_everything_else_as_before(gateway: Gateway) -> None:
    assert [served(gateway, ask(text)) for text in MORE_SUPPORT] == [("tuned", "specialist(faq)")] * len(MORE_SUPPORT)
    assert all("specialist" not in served(gateway, ask(text))[1] for text in OTHERS)


def test_neither_lets_out_what_has_to_stay(gateway: Gateway, upstreams: Upstreams) -> None:
    where, why = served(gateway, ask(CARD), OTHER_KEY)
    assert where == "small"
    assert "rule(clerk); locality(local)" in why
    where, why = served(gateway, ask(f"{MORE_SUPPORT[0]} My card is 4970 1012 3456 7893.", "away"))
    assert where == "small"
    assert "specialist(faq); locality(local)" in why
    upstreams.assert_cloud_saw_nothing()


def test_other_dialects_have_tags_too(gateway: Gateway) -> None:
    with claude(gateway) as client:
        raw = client.messages.with_raw_response.create(
            model="auto",
            max_tokens=50,
            messages=[{"role": "user", "content": HARD_PROOF}],
            extra_headers={"x-tidegate-tags": "batch", "cache-control": "no-store, no-cache"},
        )
    assert raw.headers["x-tidegate-reason"] == "rule(batch)"


def test_an_answer_from_the_cache_is_for_those_whom_the_same_rules_are_for(gateway: Gateway) -> None:
    """Keys and tags do not stand in the body, but send it elsewhere."""
    body = ask("Which rivers flow through Vienna?")
    first, again = post(gateway, body), post(gateway, body)
    assert (first.headers["x-tidegate-cache"], again.headers["x-tidegate-cache"]) == ("miss", "hit")
    assert post(gateway, body, key=OTHER_KEY).headers["x-tidegate-deployment"] == "large"
    assert post(gateway, body, headers={"x-tidegate-tags": "batch"}).headers["x-tidegate-cache"] == "miss"
    assert post(gateway, body, headers={"x-tidegate-tags": "unasked"}).headers["x-tidegate-cache"] == "hit"


def test_both_are_counted(gateway: Gateway) -> None:
    served(gateway, ask(MORE_SUPPORT[0]))
    served(gateway, ask(EASY), OTHER_KEY)

    def seen() -> bool:
        text = get(gateway, "/metrics").text
        return all(f'decisions_total{{reason="{code}",route="auto"}}' in text for code in ("rule", "specialist"))

    until("both reasons are counted", seen)
