// Vercel AI SDK: generateText and streamText through @ai-sdk/openai-compatible and through @ai-sdk/openai.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, RetryError, embedMany, generateText, jsonSchema, streamText, tool } from "ai";
import { z } from "zod";

import { PROMPT, Report, TOOL, expect } from "./report.mjs";

const { version } = JSON.parse(readFileSync("node_modules/ai/package.json"));
const report = new Report(version);
const compatible = createOpenAICompatible({
  name: "tidegate",
  baseURL: report.baseURL,
  apiKey: report.key,
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const openai = createOpenAI({ baseURL: report.baseURL, apiKey: report.key });
const City = z.object({ city: z.string(), population: z.number().int() });
const tools = { look: tool({ description: TOOL.description, inputSchema: jsonSchema(TOOL.parameters) }) };

const bodyOf = (provider, { model, needs }) => ({
  model: provider(model),
  prompt: PROMPT,
  // It knows nothing of x-should-retry, and would ask three times over six seconds.
  maxRetries: model === "429-once" ? 1 : 0,
  ...(needs === "tools" && { tools }),
  ...(needs === "schema" && { output: Output.object({ schema: City }) }),
  ...(needs === "logprobs" && { providerOptions: { openai: { logprobs: true } } }),
});

const logprobsIn = (metadata) => metadata?.openai?.logprobs?.length ?? 0;

const whole = (provider) => async (ask, seen) => {
  const result = await generateText(bodyOf(provider, ask));
  seen.text = result.text;
  seen.calls = result.toolCalls.map((call) => [call.toolName, call.input]);
  if (ask.needs === "schema") seen.parsed = result.output;
  seen.logprobs = logprobsIn(result.providerMetadata);
};

const streamed = (provider) => async (ask, seen) => {
  const result = streamText({ ...bodyOf(provider, ask), onError() {} });
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") seen.text += part.text;
    if (part.type === "tool-call") seen.calls.push([part.toolName, part.input]);
    if (part.type === "error") throw part.error;
  }
  if (ask.needs === "schema") seen.parsed = await result.output;
  seen.logprobs = logprobsIn(await result.providerMetadata);
};

async function theGatewaysErrors() {
  const ask = (model, apiKey = report.key) => {
    const provider = createOpenAICompatible({ name: "tidegate", baseURL: report.baseURL, apiKey });
    return generateText({ model: provider(model), prompt: PROMPT, maxRetries: 0 });
  };
  for (const [status, act] of [
    [404, () => ask("gpt-4o")],
    [401, () => ask("auto", "wrong")],
    [403, () => ask("auto", report.embedOnlyKey)],
    [400, () => ask("refused")],
    [429, () => ask("limited")],
  ]) {
    const error = await expect(APICallError, act);
    assert.equal(error.statusCode, status);
    assert.ok(error.message.length > 10);
  }
}

// What it does by itself with an error that it should not repeat.
async function stubbornness() {
  const before = await report.requests();
  await expect(RetryError, () => generateText({ model: compatible("500"), prompt: PROMPT, maxRetries: 1 }));
  assert.equal((await report.requests()) - before, 2);
}

async function usage() {
  const { usage } = await generateText({ model: compatible("auto"), prompt: PROMPT });
  assert.equal(usage.inputTokens, 6);
  const stream = streamText({ model: compatible("auto"), prompt: PROMPT });
  assert.equal((await stream.usage).inputTokens, 6);
}

async function thoughts() {
  const result = await generateText({ model: compatible("thoughts"), prompt: PROMPT });
  assert.ok(result.reasoningText.startsWith("The user asks."));
  assert.equal(result.text, "Here is the answer.");
}

async function embeddings() {
  const { embeddings } = await embedMany({ model: compatible.embeddingModel("embed"), values: ["one text", "another"] });
  assert.deepEqual(
    embeddings.map((vector) => vector.length),
    [8, 8],
  );
}

const dialect = "OpenAI chat";
const responses = "OpenAI Responses";
await report.way("openai-compatible generateText", dialect, whole(compatible), { lacks: ["logprobs"] });
await report.way("openai-compatible streamText", dialect, streamed(compatible), { streamed: true, lacks: ["logprobs"] });
await report.way("openai generateText", dialect, whole(openai.chat));
await report.way("openai streamText", dialect, streamed(openai.chat), { streamed: true });
await report.way("openai.responses generateText", responses, whole(openai.responses), { lacks: ["logprobs"] });
await report.way("openai.responses streamText", responses, streamed(openai.responses), { streamed: true, lacks: ["logprobs"] });
await report.check("errors, each with its status", theGatewaysErrors);
await report.check("it tries again, whatever it is told", stubbornness);
await report.check("usage", usage);
await report.check("reasoning", thoughts);
await report.check("embeddings", embeddings);
