"""If these fail, a client that asks for what is not served is left guessing whether it has made a mistake."""

from __future__ import annotations

import pytest

from gateway.dialects.openai_unserved import OpenAIUnserved
from gateway.wire.errors import NotServed
from gateway.wire.http import Request
from tests.gateway.house import DEVELOPER, House

SERVED_ELSEWHERE = """
    audio/speech audio/transcriptions images/generations files files/file-1/content batches/b1/cancel rerank
    fine_tuning/jobs assistants threads/t1/messages vector_stores/v1/search realtime uploads containers evals videos
"""


@pytest.mark.parametrize("rest", SERVED_ELSEWHERE.split())
async def test_it_says_what_is_not_served(house: House, rest: str) -> None:
    dialect = OpenAIUnserved()
    root = rest.partition("/")[0]
    assert dialect.paths.get(f"/v1/{root}", ()) is None
    assert dialect.paths.get(f"/v1/{root}/", ()) is None
    with pytest.raises(NotServed) as caught:
        await dialect.answer(Request("POST", f"/v1/{rest}", {}, b"", "r"), house.pipeline, DEVELOPER)
    reply = dialect.failure(caught.value, "req_1")
    assert (reply.status, caught.value.code) == (404, "unknown_url")
    assert f"there is no /v1/{root} here" in caught.value.message
