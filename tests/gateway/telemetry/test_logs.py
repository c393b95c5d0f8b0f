"""If these fail, a log line tells what must not leave, or a collector cannot read it."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import warnings
from collections.abc import Iterator

import pytest

from gateway.telemetry import logs
from gateway.telemetry.logs import STRUCK


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Puts the process's logging back as it was."""
    root = logging.getLogger()
    handlers, level, shown = list(root.handlers), root.level, warnings.showwarning
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    warnings.showwarning = shown
    for name in (*logs.OWN, *logs.SILENT, logs.REQUESTS):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_has_time_level_logger_message_and_fields(stream: io.StringIO) -> None:
    logs.configure("info", "json", to=stream)
    logging.getLogger("gateway.serving").info("ready on %s", "port", extra={"port": 8080, "workers_left": 1})
    (line,) = lines(stream)
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {"level": "info", "logger": "gateway.serving", "message": "ready on port", "port": 8080}


def test_a_field_that_is_not_listed_is_dropped(stream: io.StringIO) -> None:
    for style in ("json", "console"):
        logs.configure("info", "json" if style == "json" else "console", to=stream)
        logging.getLogger("gateway").info("asked", extra={"route": "auto", "prompt": "my secret", "messages": ["x"]})
    assert "my secret" not in stream.getvalue()
    assert stream.getvalue().count("auto") == 2


def test_an_exception_is_named_but_its_message_is_not_shown(stream: io.StringIO) -> None:
    for style in ("json", "console"):
        logs.configure("info", "json" if style == "json" else "console", to=stream)
        try:
            int("patient has measles")
        except ValueError:
            logging.getLogger("gateway").exception("could not read a number")
    assert "measles" not in stream.getvalue()
    assert stream.getvalue().count("ValueError") == 2
    assert f"{__name__.rsplit('.', 1)[-1]}.py" in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def-ghi", f"Authorization: Bearer {STRUCK}"),
        ("key sk-proj-0123456789 was refused", f"key {STRUCK} was refused"),
        ("redis://user:pass@host:6379/0", f"redis://user:{STRUCK}@host:6379/0"),
        ("postgresql://tidegate:p@ss/word@db/x", f"postgresql://tidegate:{STRUCK}@db/x"),
        ("http://127.0.0.1:8080/v1 is ready", "http://127.0.0.1:8080/v1 is ready"),
        ("risk-averse task-queue", "risk-averse task-queue"),
    ],
)
def test_a_credential_in_a_message_is_struck_out(stream: io.StringIO, text: str, shown: str) -> None:
    logs.configure("info", "json", to=stream)
    logging.getLogger("gateway").info("%s", text, extra={"url": text})
    (line,) = lines(stream)
    assert (line["message"], line["url"]) == (shown, shown)


def test_libraries_are_quiet_below_warning_even_at_debug(stream: io.StringIO) -> None:
    logs.configure("debug", "json", to=stream)
    for name in ("LiteLLM", "openai", "aiohttp.client", "gateway.egress"):
        logging.getLogger(name).debug("the body")
    logging.getLogger("aiohttp.client").warning("slow")
    assert [(line["logger"], line["level"]) for line in lines(stream)] == [
        ("gateway.egress", "debug"),
        ("aiohttp.client", "warning"),
    ]


def test_a_connection_that_went_with_its_server_is_told_once(stream: io.StringIO) -> None:
    """By who asked for it; the pool would print a stack besides."""
    logs.configure("debug", "console", to=stream)
    logging.getLogger("sqlalchemy.pool.impl.QueuePool").error("Exception terminating connection", exc_info=True)
    logging.getLogger("sqlalchemy.engine").error("something else")
    assert "QueuePool" not in stream.getvalue()
    assert "sqlalchemy.engine" in stream.getvalue()


def send_request_line() -> None:
    logs.request(
        "req-1", route="auto", key_name="dev", deployment="small", zone="local", status=200, streamed=True, seconds=0.25
    )


def test_the_line_per_request_is_off_until_asked_for(stream: io.StringIO) -> None:
    logs.configure("debug", "json", to=stream)
    send_request_line()
    assert stream.getvalue() == ""
    logs.configure("error", "json", requests=True, to=stream)
    send_request_line()
    (line,) = lines(stream)
    assert (line["request_id"], line["deployment"], line["status"], line["seconds"]) == ("req-1", "small", 200, 0.25)


def test_configuring_twice_does_not_write_twice(stream: io.StringIO) -> None:
    logs.configure("info", "console", to=stream)
    logs.configure("info", "console", to=stream)
    logging.getLogger("gateway").info("once")
    assert stream.getvalue().count("once") == 1


def test_a_warning_is_named_but_its_message_is_not_shown(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.configure("info", "json", to=stream)
        warnings.warn("serialised unexpectedly: input_value='measles'", UserWarning, stacklevel=1)
    (line,) = lines(stream)
    assert line["logger"] == "gateway.warnings"
    assert str(line["message"]).startswith(f"UserWarning at {__file__}:")
    assert "measles" not in stream.getvalue()


@pytest.mark.parametrize("style", ["json", "console"])
async def test_of_what_a_library_says_the_place_is_shown(stream: io.StringIO, style: logs.Format) -> None:
    """asyncio names the arguments of a callback that failed, and the exception of a task that nobody asked."""

    async def ask(prompt: str) -> None:
        raise RuntimeError(prompt)

    def look(prompt: str) -> None:
        raise ValueError(prompt)

    logs.configure("info", style, to=stream)
    loop = asyncio.get_running_loop()
    task = loop.create_task(ask("measles"))
    loop.call_soon(look, "measles")
    await asyncio.wait({task})
    del task
    gc.collect()
    logging.getLogger("LiteLLM").error("cannot send measles")
    assert "measles" not in stream.getvalue()
    assert stream.getvalue().count("said something at") == 3
    assert "RuntimeError" in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_a_line_that_cannot_be_written_is_not_told_otherwise(
    stream: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info", "json", to=stream)
    logging.getLogger("gateway").info("%d of them", "measles")
    logging.getLogger("gateway").info("lone \ud800 measles")
    assert "measles" not in stream.getvalue() + "".join(capfd.readouterr())
    assert stream.getvalue().count("could not be written") == 2
