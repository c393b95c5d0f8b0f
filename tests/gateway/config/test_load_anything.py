"""Whatever a configuration file holds, an operator sees problems and not a traceback, and no secret."""

from __future__ import annotations

import hypothesis
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.policy import Policy, PolicyRule, Unreadable
from gateway.config.price import Price
from gateway.config.problems import ConfigurationError
from gateway.config.settings import Deployment, Key, Route, Settings, Team
from gateway.config.shape import kinds
from tests.gateway.config.harness import loaded

SECRET = "secret-of-the-environment"
TEXTS = (
    "small local cloud openai embedded litellm http://gpu1/v1 https://a.b any a/b 0.5 true 7 * sqlite:///x redis://h "
    "${A} ${B:-local} ${ masked:eu EMAIL http://[ x:y-cloud"
)
WORDS = st.sampled_from([*TEXTS.split(), "", "- x", "\u00e9", "\u2028"])
NAMES = st.sampled_from(
    [
        name
        for group in (Settings, Deployment, Route, Key, Team, Policy, PolicyRule, Unreadable, Price)
        for name in kinds(group)
    ]
    + ["small", "auto", "zon", "", "${A}", "<<"]
)
VALUES = st.recursive(
    st.one_of(st.none(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)


def some(
    group: type[Settings | Deployment | Route | Key], value: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    return st.dictionaries(st.sampled_from(list(kinds(group))), value, max_size=6)


ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "deployments": st.dictionaries(WORDS, some(Deployment, VALUES), max_size=3),
        "routes": st.dictionaries(WORDS, some(Route, st.one_of(VALUES, st.lists(WORDS, max_size=3))), max_size=3),
        "keys": st.lists(some(Key, WORDS), max_size=3),
    },
)


@hypothesis.settings(max_examples=250, deadline=None)
@given(st.one_of(some(Settings, VALUES), ENTRIES))
def test_any_structure_loads_or_is_explained(data: object) -> None:
    try:
        found = loaded(yaml.safe_dump(data, allow_unicode=True), {"A": SECRET})
    except ConfigurationError as error:
        assert error.problems  # noqa: PT017 - both outcomes are right
        assert SECRET not in str(error)  # noqa: PT017
    else:
        assert found.settings.deployments
        assert SECRET not in repr(found)
