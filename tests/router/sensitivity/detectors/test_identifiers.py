"""An id is written openly, however random it looks; the secret beside it is not."""

from __future__ import annotations

import pytest

from router.content import content_of
from router.sensitivity.detectors.identifiers import is_identifier, names_an_identifier
from router.sensitivity.scanner import Scanner

RANDOM = "q7Zt4LmX9vB2kR8sW3nY6pD1"


@pytest.mark.parametrize("prefix", ["call_", "toolu_01", "chatcmpl-", "msg_", "resp_", "run_", "req_", "evt_", "file-"])
def test_typed_ids(prefix: str) -> None:
    assert is_identifier(prefix + RANDOM, "")


@pytest.mark.parametrize(
    "before",
    [
        '"correlationid": "',
        "x-amz-id-2: ",
        "request_id=",
        'etag: w/"',
        "sha512-",
        "example/queue v1.2.3 h1:",
        '"nextpagetoken": "',
        '\\"page_token\\": \\"',
        '<script nonce="',
        "script-src 'nonce-",
    ],
)
def test_names_of_what_is_written_openly(before: str) -> None:
    assert names_an_identifier(before)


@pytest.mark.parametrize(
    "before", ['"token": "', "password=", "aws_secret_id: ", "api_key_hash=", "sumo_access_id = ", "the word paid "]
)
def test_names_of_what_is_not(before: str) -> None:
    assert not names_an_identifier(before)


def test_a_cursor_is_text_in_disguise() -> None:
    assert is_identifier("eyJpZCI6MTIzNDUsImFmdGVyIjoiMjAyNiJ9", "")
    assert not is_identifier(RANDOM, "")


def test_a_loop_of_tools_is_not_sensitive_and_a_key_in_it_is() -> None:
    def body(result: str) -> dict[str, object]:
        call = {
            "id": f"call_{RANDOM}",
            "type": "function",
            "function": {"name": "look", "arguments": '{"city":"Paris"}'},
        }
        answer = {"role": "tool", "tool_call_id": f"call_{RANDOM}", "content": result}
        return {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}, answer]}

    scanner = Scanner.default()
    assert scanner.scan(content_of(body('{"temp": 21}'))).findings == ()
    assert scanner.scan(content_of(body(f'{{"secret": "{RANDOM}"}}'))).findings
