"""Bodies of requests as agents send them: tools, their calls, their answers; OpenAI chat, Responses, Anthropic messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bench.agents import data_results, more_results, text_results
from bench.agents.draws import Draw

Body = dict[str, Any]
RESULTS = (*data_results.RESULTS, *text_results.RESULTS, *more_results.RESULTS)


class Tool(NamedTuple):
    """`parameters`: name → description. `arguments` makes up a call."""

    name: str
    description: str
    parameters: dict[str, str]
    arguments: Callable[[Draw], Body]


TOOLS = (
    Tool(
        "get_weather",
        "Get the current weather in a given city.",
        {"city": "City name, e.g. Paris", "unit": "celsius or fahrenheit"},
        lambda draw: {"city": draw.city(), "unit": "celsius"},
    ),
    Tool(
        "read_file",
        "Read a file from the workspace. Returns its text with line numbers.",
        {"path": "Path relative to the root", "offset": "First line", "limit": "Number of lines"},
        lambda draw: {"path": draw.path(), "offset": draw.number(0, 400), "limit": 200},
    ),
    Tool(
        "run_shell",
        "Run a command in bash and return stdout and stderr.",
        {"command": "The command", "timeout_ms": "Time limit in milliseconds"},
        lambda draw: {"command": _command(draw), "timeout_ms": 120_000},
    ),
    Tool(
        "edit_file",
        "Replace a string in a file. The old string must occur exactly once.",
        {"path": "Path", "old_string": "Text to replace", "new_string": "Replacement"},
        lambda draw: {
            "path": draw.path(),
            "old_string": f"def {draw.word()}(self, token):",
            "new_string": f"def {draw.word()}(self, token: Token | None = None):",
        },
    ),
    Tool(
        "search_web",
        "Search the web.",
        {"query": "Search terms", "max_results": "How many", "page_token": "Token of the next page, if any"},
        lambda draw: {"query": f"{draw.package()} {draw.word()} {draw.word()}", "page_token": draw.cursor()},
    ),
    Tool(
        "query_database",
        "Run a read-only SQL query.",
        {"sql": "One SELECT statement", "cursor": "Opaque cursor of the previous page"},
        lambda draw: {"sql": f"SELECT id, {draw.word()} FROM {draw.word()}s WHERE city = '{draw.city()}' LIMIT 20"},
    ),
    Tool(
        "create_user",
        "Create a user account. The password must have at least 12 characters.",
        {"username": "Login name", "password": "Initial password", "api_key": "API key of the caller (optional)"},
        lambda draw: {"username": f"{draw.word()}-bot", "password": "<ask the user>"},
    ),
    Tool(
        "book_flight",
        "Search for flights between two cities.",
        {"origin": "City or IATA code", "destination": "City or IATA code", "date": "ISO date"},
        lambda draw: {"origin": draw.city(), "destination": draw.city(), "date": draw.time()[:10]},
    ),
    Tool(
        "fetch_object",
        "Fetch an object by its id.",
        {"object_id": "Its id", "etag": "Only if it has changed"},
        lambda draw: {"object_id": draw.of([draw.uuid(), draw.ulid(), "file-" + draw.b62(24)]), "etag": draw.hex(32)},
    ),
)

_ASKS = (
    "Why does the build fail? Look at the log and fix it.",
    "What's the weather like tomorrow, and should I take an umbrella?",
    "Find where the token is validated and add a test for it.",
    "Update the dependencies and run the tests.",
    "Summarise the open issues of the repository.",
    "Explain what this function does and make it faster.",
    "How many items are left in the warehouse?",
    "Deploy the new version and check that all pods are healthy.",
)
_SYSTEM = (
    "You are a coding agent. Use the tools you are given. Never print secrets, passwords or API keys.",
    "You are a helpful assistant with access to tools. Think step by step.",
    "You are an on-call assistant for a small web shop. Answer briefly.",
)


def _command(draw: Draw) -> str:
    return draw.of(
        [
            f"rg -n 'password|secret' {draw.path()}",
            f"git show {draw.hex(40)} --stat",
            f"git checkout -b fix/{draw.word()}-{draw.hex(7)} && git push -u origin HEAD",
            f"docker run --rm -e API_KEY -p 8080:80 {draw.word()}:{draw.version()}",
            f"curl -s -H 'Authorization: Bearer $TOKEN' https://api.example.com/v1/{draw.word()}/{draw.uuid()}",
            f"kubectl -n {draw.word()} logs deploy/{draw.word()} --tail=50",
            f"pip install {draw.package()}=={draw.version()} --require-hashes",
            f"aws s3 cp s3://{draw.word()}-artifacts/{draw.hex(32)}.tar.gz .",
        ]
    )


class Step(NamedTuple):
    """One call and its answer."""

    tool: Tool
    arguments: Body
    result: str


def steps(draw: Draw) -> list[Step]:
    tools = [draw.chance.choice(TOOLS) for _ in range(draw.number(1, 6))]
    return [Step(tool, tool.arguments(draw), draw.chance.choice(RESULTS)(draw)) for tool in tools]


def _schema(tool: Tool) -> Body:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in tool.parameters.items()},
        "required": list(tool.parameters)[:1],
        "additionalProperties": False,
    }


def chat(draw: Draw, done: Sequence[Step]) -> Body:
    """An OpenAI chat request in the middle of a loop of tools."""
    messages: list[Body] = [
        {"role": "system", "content": draw.of(_SYSTEM)},
        {"role": "user", "content": draw.of(_ASKS)},
    ]
    for step in done:
        call = f"call_{draw.b62(24)}"
        function = {"name": step.tool.name, "arguments": json.dumps(step.arguments)}
        messages.append(
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": call, "type": "function", "function": function}],
            }
        )
        messages.append({"role": "tool", "tool_call_id": call, "content": step.result})
    tools = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": _schema(tool),
                "strict": True,
            },
        }
        for tool in TOOLS
    ]
    return {
        "model": "auto",
        "messages": messages,
        "tools": tools,
        "tool_choice": "auto",
        "prompt_cache_key": draw.uuid(),
        "metadata": {"trace_id": draw.hex(32), "run_id": f"run_{draw.b62(24)}", "thread_id": f"thread_{draw.b62(24)}"},
    }


def responses(draw: Draw, done: Sequence[Step]) -> Body:
    """An OpenAI Responses request with the items so far."""
    items: list[Body] = [{"role": "user", "content": [{"type": "input_text", "text": draw.of(_ASKS)}]}]
    for step in done:
        call = f"call_{draw.b62(24)}"
        items.append(
            {
                "type": "function_call",
                "id": f"fc_{draw.hex(50)}",
                "call_id": call,
                "name": step.tool.name,
                "arguments": json.dumps(step.arguments),
                "status": "completed",
            }
        )
        items.append({"type": "function_call_output", "call_id": call, "output": step.result})
    tools = [
        {"type": "function", "name": tool.name, "description": tool.description, "parameters": _schema(tool)}
        for tool in TOOLS
    ]
    return {"model": "auto", "instructions": draw.of(_SYSTEM), "input": items, "tools": tools}


def anthropic(draw: Draw, done: Sequence[Step]) -> Body:
    """An Anthropic Messages request."""
    messages: list[Body] = [{"role": "user", "content": draw.of(_ASKS)}]
    for step in done:
        use = f"toolu_01{draw.b62(22)}"
        call = {"type": "tool_use", "id": use, "name": step.tool.name, "input": step.arguments}
        messages.append({"role": "assistant", "content": [{"type": "text", "text": "Let me look."}, call]})
        answer = {"type": "tool_result", "tool_use_id": use, "content": [{"type": "text", "text": step.result}]}
        messages.append({"role": "user", "content": [answer]})
    tools = [{"name": tool.name, "description": tool.description, "input_schema": _schema(tool)} for tool in TOOLS]
    return {
        "model": "auto",
        "max_tokens": 4096,
        "system": [{"type": "text", "text": draw.of(_SYSTEM), "cache_control": {"type": "ephemeral"}}],
        "messages": messages,
        "tools": tools,
        "metadata": {"user_id": f"user_{draw.hex(64)}_account__session_{draw.uuid()}"},
    }


DIALECTS: dict[str, Callable[[Draw, Sequence[Step]], Body]] = {
    "chat": chat,
    "responses": responses,
    "anthropic": anthropic,
}
