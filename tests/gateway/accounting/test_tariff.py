"""Each kind of token is billed at its own rate, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.tariff import Fees, Rates, Tariff
from gateway.accounting.usage import Usage

PLAIN: Final = Tariff(Rates(prompt=Decimal("0.000003"), completion=Decimal("0.000015")))
FULL: Final = Tariff(
    Rates(
        prompt=Decimal("0.000003"),
        completion=Decimal("0.000015"),
        cached=Decimal("0.0000003"),
        written=Decimal("0.00000375"),
        reasoning=Decimal("0.00002"),
        audio_prompt=Decimal("0.00004"),
        audio_completion=Decimal("0.00008"),
    ),
    tiers=((200_000, Rates(prompt=Decimal("0.000006"), completion=Decimal("0.0000225"))),),
)


def test_every_kind_has_its_rate() -> None:
    usage = Usage(
        1000, 100, cached_tokens=400, written_tokens=100, audio_prompt_tokens=10,
        reasoning_tokens=30, audio_completion_tokens=20,
    )  # fmt: skip
    # 490 × 3 + 400 × 0.3 + 100 × 3.75 + 10 × 40 + 50 × 15 + 30 × 20 + 20 × 80 = 5,315 dollars a million
    assert FULL.cost(usage) == Decimal("0.005315")


def test_cached_and_reasoning_tokens_fall_back_to_the_common_rate() -> None:
    assert PLAIN.cost(Usage(1000, 100, cached_tokens=400, reasoning_tokens=30)) == PLAIN.cost(Usage(1000, 100))


def test_audio_without_a_rate_is_unknown_and_not_cheap_text() -> None:
    assert PLAIN.cost(Usage(1000, 100, audio_prompt_tokens=1)) is None
    assert PLAIN.cost(Usage(1000, 100, audio_completion_tokens=1)) is None


def test_a_completion_without_a_rate_is_unknown_but_an_embedding_is_not() -> None:
    embedding = Tariff(Rates(prompt=Decimal("0.00000002")))
    assert embedding.cost(Usage(1000, 0)) == Decimal("0.00002")
    assert embedding.cost(Usage(1000, 1)) is None


def test_a_long_prompt_raises_the_rates_of_the_whole_call() -> None:
    assert FULL.cost(Usage(200_000, 1000)) == Decimal("0.615")  # 0.6 + 0.015
    assert FULL.cost(Usage(200_001, 1000)) == Decimal("1.222506")  # 1.200006 + 0.0225


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.data())
def test_caching_never_makes_a_call_dearer(prompt: int, completion: int, data: st.DataObject) -> None:
    cached = data.draw(st.integers(0, prompt))
    tariff = Tariff(Rates(Decimal("0.000003"), Decimal("0.000015"), cached=Decimal("0.0000003")))
    with_cache, without = (
        tariff.cost(Usage(prompt, completion, cached_tokens=cached)),
        tariff.cost(Usage(prompt, completion)),
    )
    assert with_cache is not None
    assert without is not None
    assert with_cache <= without
    assert without - with_cache == cached * Decimal("0.0000027")


def test_the_most_is_every_token_at_the_dearest_rate_it_can_have() -> None:
    # 1,000 × 3.75 (written) + 100 × 20 (reasoning) = 5,750 dollars a million; with sound 1,000 × 40 + 100 × 80 = 48,000
    assert FULL.most(1000, 100) == Decimal("0.00575")
    assert FULL.most(1000, 100, audio=True) == Decimal("0.048")
    assert FULL.most(200_001, 0) == Decimal("1.200006")  # a shorter prompt would cost less: 200,000 × 3.75 = 0.75


def test_a_dearer_rate_of_shorter_prompts_is_in_reach() -> None:
    odd = Tariff(Rates(Decimal(5), Decimal(1)), tiers=((10, Rates(Decimal(1), Decimal(1))),))
    assert odd.most(11, 0) == 55


def test_what_nobody_gave_a_rate_for_has_no_most() -> None:
    embedding = Tariff(Rates(prompt=Decimal("0.00000002")))
    assert embedding.most(1000, 0) == Decimal("0.00002")
    assert embedding.most(1000, 1) is None
    assert PLAIN.most(1000, 1, audio=True) is None


def test_an_hour_is_dearer_than_minutes_where_writing_costs_at_all() -> None:
    hour = Usage(1000, 0, written_tokens=1000, written_hour_tokens=1000)
    assert PLAIN.cost(hour) == PLAIN.cost(Usage(1000, 0))
    assert FULL.cost(hour) is None  # it charges for minutes, and nobody said what an hour is


def test_images_that_are_sent_are_as_text_and_images_that_are_made_are_not() -> None:
    assert PLAIN.cost(Usage(1000, 100, image_prompt_tokens=900)) == PLAIN.cost(Usage(1000, 100))
    assert PLAIN.cost(Usage(1000, 100, image_completion_tokens=1)) is None


SERVED: Final = Tariff(
    Rates(Decimal(1), Decimal(1)),
    fees=Fees(call=Decimal(5), search=Decimal(7)),
    services={"priority": Tariff(Rates(Decimal(2), Decimal(2)))},
)


def test_fees_are_added_once() -> None:
    assert SERVED.cost(Usage(10, 10, searches=2)) == 20 + 5 + 14
    assert PLAIN.cost(Usage(10, 10, searches=1)) is None


def test_a_tier_that_nobody_priced_is_unknown() -> None:
    assert SERVED.cost(Usage(10, 10, tier="priority")) == 40
    assert SERVED.cost(Usage(10, 10, tier="flex")) is None


def test_the_most_is_that_of_the_dearest_tier_that_may_be_billed() -> None:
    assert SERVED.most(10, 10) == 40
    assert SERVED.most(10, 10, tier="") == 25
    assert SERVED.most(10, 10, tier="priority") == 40  # it may be refused, and then be the usual one
    assert SERVED.most(10, 10, tier="flex") is None
    assert SERVED.most(10, 10, tier="", searches=2) == 39
    assert PLAIN.most(10, 10, searches=1) is None


def test_what_a_long_prompt_costs_in_a_tier_that_is_asked_for_nobody_can_say_where_it_is_not_said() -> None:
    """Or a budget holds less than it may cost."""
    flex = Tariff(Rates(Decimal(1), Decimal(1)), tiers=((100, None),))
    tariff = Tariff(
        Rates(Decimal(2), Decimal(2)), tiers=((100, Rates(Decimal(4), Decimal(4))),), services={"flex": flex}
    )
    assert tariff.cost(Usage(101, 10, tier="flex")) is None
    assert tariff.most(100, 10, tier="flex") == 220
    assert tariff.most(101, 10, tier="flex") is None
    assert tariff.most(101, 10, tier="") == 444
    assert tariff.most(101, 10) == 444  # the prompt is mostly shorter than its bound, and the account seldom in a tier


RATE: Final = st.decimals(0, 1, places=9)
OWN: Final = st.none() | RATE
RATES: Final = st.builds(Rates, RATE, RATE, OWN, OWN, OWN, OWN, OWN, OWN, OWN, OWN)
TIERS: Final = st.lists(st.tuples(st.integers(0, 2000), st.none() | RATES), max_size=2).map(tuple)
FEES: Final = st.builds(Fees, RATE, OWN)
SERVICES: Final = st.dictionaries(st.sampled_from(("flex", "priority")), st.builds(Tariff, RATES, TIERS, FEES))
TARIFFS: Final = st.builds(Tariff, RATES, TIERS, FEES, SERVICES)


@given(TARIFFS, st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 3), st.data())
def test_no_call_costs_more_than_the_most(
    tariff: Tariff, prompt: int, completion: int, searches: int, data: st.DataObject
) -> None:
    def upto(tokens: int) -> int:
        return data.draw(st.integers(0, tokens))

    sent, made = upto(prompt), upto(completion)
    cached = upto(sent)
    heard = upto(sent - cached)
    written = upto(sent - cached - heard)
    thought = upto(made)
    said = upto(made - thought)
    tier = data.draw(st.sampled_from(("", "flex", "priority")))
    usage = Usage(
        sent,
        made,
        cached_tokens=cached,
        audio_prompt_tokens=heard,
        written_tokens=written,
        written_hour_tokens=upto(written),
        image_prompt_tokens=upto(sent - cached - heard - written),
        reasoning_tokens=thought,
        audio_completion_tokens=said,
        image_completion_tokens=upto(made - thought - said),
        searches=upto(searches),
        tier=tier,
    )
    cost = tariff.cost(usage)
    for asked in (tier, None):
        bound = tariff.most(prompt, completion, audio=bool(heard or said), tier=asked, searches=searches)
        if cost is not None and bound is not None:
            assert cost <= bound
