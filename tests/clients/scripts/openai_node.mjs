// openai for Node: chat and completions, whole and streamed, parse, stream helper, every error class.

import assert from "node:assert/strict";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { VERSION } from "openai/version";
import { z } from "zod";

import { PROMPT, Report, TOOL, expect } from "./report.mjs";

const report = new Report(VERSION);
const options = { baseURL: report.baseURL, apiKey: report.key, timeout: 10_000 };
const client = new OpenAI(options);
const chat = client.chat.completions;
const messages = [{ role: "user", content: PROMPT }];
const City = z.object({ city: z.string(), population: z.number().int() });

function bodyOf({ model, needs }) {
  const more = {
    tools: { tools: [{ type: "function", function: TOOL }] },
    logprobs: { logprobs: true },
    schema: { response_format: zodResponseFormat(City, "City") },
  };
  return { model, messages, ...more[needs] };
}

function take(choice, seen) {
  seen.text = choice.message.content ?? "";
  for (const call of choice.message.tool_calls ?? []) {
    seen.calls.push([call.function.name, JSON.parse(call.function.arguments)]);
  }
  seen.parsed = choice.message.parsed ?? null;
  seen.logprobs = choice.logprobs?.content?.length ?? 0;
}

async function whole(ask, seen) {
  const answer = await (ask.needs === "schema" ? chat.parse(bodyOf(ask)) : chat.create(bodyOf(ask)));
  take(answer.choices[0], seen);
}

async function streamed(ask, seen) {
  const pieces = [];
  for await (const chunk of await chat.create({ ...bodyOf(ask), stream: true })) {
    for (const choice of chunk.choices) {
      seen.text += choice.delta.content ?? "";
      seen.logprobs += choice.logprobs?.content?.length ?? 0;
      for (const call of choice.delta.tool_calls ?? []) {
        pieces[call.index] ??= [call.function.name, ""];
        pieces[call.index][1] += call.function.arguments ?? "";
      }
    }
  }
  seen.calls = pieces.map(([name, said]) => [name, JSON.parse(said)]);
}

async function helper(ask, seen) {
  const runner = chat.stream(bodyOf(ask));
  runner.on("content", (delta) => {
    seen.text += delta;
  });
  const answer = await runner.finalChatCompletion();
  take(answer.choices[0], seen);
}

async function completion(ask, seen) {
  const more = ask.needs ? { logprobs: 1 } : {};
  const [choice] = (await client.completions.create({ model: ask.model, prompt: PROMPT, ...more })).choices;
  seen.text = choice.text;
  seen.logprobs = choice.logprobs?.tokens?.length ?? 0;
}

async function response({ model, needs }, seen) {
  const more = needs === "tools" ? { tools: [{ type: "function", ...TOOL, strict: false }] } : {};
  const answer = await client.responses.create({ model, input: PROMPT, ...more });
  seen.text = answer.output_text;
  const calls = answer.output.filter((item) => item.type === "function_call");
  seen.calls = calls.map((call) => [call.name, JSON.parse(call.arguments)]);
}

async function responseStream({ model, needs }, seen) {
  const more = needs === "tools" ? { tools: [{ type: "function", ...TOOL, strict: false }] } : {};
  for await (const event of await client.responses.create({ model, input: PROMPT, stream: true, ...more })) {
    if (event.type === "response.output_text.delta") seen.text += event.delta;
    if (event.type === "response.output_item.done" && event.item.type === "function_call") {
      seen.calls.push([event.item.name, JSON.parse(event.item.arguments)]);
    }
  }
}

const ask = (model, more = {}) => {
  const { request, ...own } = more;
  return new OpenAI({ ...options, maxRetries: 0, ...own }).chat.completions.create({ model, messages }, request);
};

async function theGatewaysErrors() {
  const bad = await expect(OpenAI.BadRequestError, () => chat.create({ model: "auto", messages: [] }));
  assert.deepEqual([bad.status, bad.param, bad.code], [400, "messages", "empty_array"]);
  assert.equal((await expect(OpenAI.NotFoundError, () => ask("gpt-4o"))).code, "model_not_found");
  const wrong = await expect(OpenAI.AuthenticationError, () => ask("auto", { apiKey: "wrong" }));
  assert.equal(wrong.code, "invalid_api_key");
  const forbidden = await expect(OpenAI.PermissionDeniedError, () => ask("auto", { apiKey: report.embedOnlyKey }));
  assert.ok(forbidden.requestID);
}

async function theUpstreamsErrors() {
  assert.equal((await expect(OpenAI.BadRequestError, () => ask("refused"))).error.message, "scripted failure 400");
  const limited = await expect(OpenAI.RateLimitError, () => ask("limited"));
  assert.equal(limited.headers.get("retry-after"), "1");
  const failed = await expect(OpenAI.InternalServerError, () => ask("500"));
  assert.equal(failed.headers.get("x-should-retry"), "false");
}

async function noAnswer() {
  await expect(OpenAI.APIConnectionTimeoutError, () => ask("never", { timeout: 200 }));
  await expect(OpenAI.APIConnectionError, () => ask("auto", { baseURL: "http://127.0.0.1:9/v1" }));
  const leaving = new AbortController();
  setTimeout(() => leaving.abort(), 100);
  await expect(OpenAI.APIUserAbortError, () => ask("never", { request: { signal: leaving.signal } }));
}

async function rawResponse() {
  const { data, response } = await chat.create({ model: "auto", messages }).withResponse();
  assert.equal(response.headers.get("x-tidegate-route"), "auto");
  assert.equal(data._request_id, response.headers.get("x-request-id"));
}

async function models() {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.ok(names.includes("auto"));
  assert.equal((await client.models.retrieve("vendor/model-1")).id, "vendor/model-1");
}

async function embeddings() {
  const { data } = await client.embeddings.create({ model: "embed", input: ["one text", "another"] });
  const input = ["one text", "another"];
  const plain = await client.embeddings.create({ model: "embed", input, encoding_format: "float" });
  assert.deepEqual(
    data.map((item) => item.embedding.length),
    plain.data.map((item) => item.embedding.length),
  );
  data.forEach((item, at) => item.embedding.forEach((n, i) => assert.ok(Math.abs(n - plain.data[at].embedding[i]) < 1e-6)));
}

async function usage() {
  const stream = await chat.create({ model: "auto", messages, stream: true, stream_options: { include_usage: true } });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(chunks.filter((chunk) => chunk.usage).length, 1);
  assert.equal(chunks.at(-1).usage.prompt_tokens, 6);
}

const dialect = "OpenAI chat";
await report.way("create", dialect, whole);
await report.way("create, stream: true", dialect, streamed, { streamed: true, lacks: ["schema"] });
await report.way("stream()", dialect, helper, { streamed: true });
await report.way("completions", "OpenAI completions", completion, { lacks: ["tools", "schema"] });
const less = ["schema", "logprobs"];
await report.way("responses", "OpenAI Responses", response, { lacks: less });
await report.way("responses, stream: true", "OpenAI Responses", responseStream, { streamed: true, lacks: less });
await report.check("errors of the gateway, each in its class", theGatewaysErrors);
await report.check("errors of the upstream, each in its class", theUpstreamsErrors);
await report.check("time limit, refused connection, abort", noAnswer);
await report.check("raw response", rawResponse);
await report.check("models", models);
await report.check("embeddings", embeddings);
await report.check("usage", usage);
