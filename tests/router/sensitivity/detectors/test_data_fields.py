"""If this fails, towns in tools' arguments and months in listings count as persons, or persons in data do not."""

from __future__ import annotations

import pytest

from router.content import content_of, content_of_text
from router.sensitivity.detectors.data_fields import is_data, is_place_field
from router.sensitivity.scanner import Scanner

SCANNER = Scanner.default()


def types(text: str) -> set[str]:
    return {finding.type for finding in SCANNER.scan(content_of_text(text)).findings}


@pytest.mark.parametrize(
    "text",
    [
        '{"city":"Paris"}',
        '{"origin": "Lima", "destination": "Austin"}',
        "-rw-r--r--  1 root root  62894 Nov 15 10:22 billing.md",
        "java.lang.IllegalStateException: Layout is closed",
        "City name, e.g. Paris",
        "\tat com.example.cache.SnapshotService.handle(SnapshotService.java:12)",
        '{"Instances": [{"InstanceId": "i-0481e70b3415f1156"}]}',
        " Hash Join  (cost=1.38..9.41 rows=12 width=8)",
    ],
)
def test_fields_places_and_words_of_computing_are_no_persons(text: str) -> None:
    assert types(text) == set()


def test_a_logger_s_message_begins_with_a_capital() -> None:
    line = "2026-11-26 10:02:11.120  INFO 4711 --- [main] o.s.b.f.s.DefaultListableBeanFactory     : Overriding bean"
    assert types(line) == set()
    assert "PERSON" in types("Reported by: Nancy Hernandez")


def test_persons_in_data_are_persons() -> None:
    assert "PERSON" in types('{"name": "Nancy Hernandez", "city": "Lyon"}')
    assert "PERSON" in types('{"customer": {"name": "Marie Dupont", "email": "marie@dupont.example"}}')


def test_the_field_of_a_value_tells() -> None:
    def found(field: str) -> bool:
        call = {"type": "tool_use", "id": "toolu_1", "name": "book", "input": {field: "Austin"}}
        return bool(SCANNER.scan(content_of({"messages": [{"role": "assistant", "content": [call]}]})).findings)

    assert not found("destination_city")
    assert found("first_name")


def test_what_is_data() -> None:
    assert is_data('{"a": 1}')
    assert is_data("sql: SELECT id FROM users")
    assert is_data("CONTAINER ID   IMAGE     COMMAND")
    assert is_data("# for Nancy\nfrom collections import OrderedDict\n")
    assert is_data("package main\n\nfunc main() {\n}")
    assert not is_data("The package main\npackage arrived, and the class of 1999 met.")
    assert not is_data("Dear Marie, the invoice 4821 of 12/11/2026 is 1,250.00 euros.")


def test_names_of_fields() -> None:
    assert is_place_field("departure city")
    assert not is_place_field("customer name")
