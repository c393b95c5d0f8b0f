// The report of a client's script, as in report.py: what it saw, a line of JSON each. Nothing but Node itself.

import { appendFileSync } from "node:fs";
import process from "node:process";

export const PROMPT = "What is the capital of France?";
export const TOOL = {
  name: "look",
  description: "Looks a city up.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

const stage = JSON.parse(process.env.TIDEGATE_STAGE);
// Errors of a script's own making: their text is wanted, since nothing else tells what is wrong.
const UNEXPECTED = new Set(["AssertionError", "TypeError", "ReferenceError", "SyntaxError"]);

export class Report {
  root = stage.root;
  baseURL = `${stage.root}/v1`;
  key = stage.key;
  embedOnlyKey = stage.embed_only_key;

  constructor(version) {
    this.#write({ version });
  }

  // Ask in this way for every behaviour but those that need what it lacks.
  async way(name, dialect, way, { streamed = false, lacks = [] } = {}) {
    for (const behaviour of stage.behaviours) {
      const mode = streamed ? "streamed" : "whole";
      if (behaviour[mode] === null || lacks.includes(behaviour.needs) || lacks.includes(behaviour.name)) continue;
      const seen = { text: "", calls: [], parsed: null, logprobs: 0, error: null, status: null };
      const before = await this.#forget();
      const started = performance.now();
      try {
        await way({ model: behaviour.name, needs: behaviour.needs }, seen);
      } catch (error) {
        seen.error = error.constructor.name;
        seen.status = error.status ?? error.statusCode ?? error.lastError?.statusCode ?? null;
        if (UNEXPECTED.has(seen.error)) seen.text += ` [${error.message}]`;
      }
      const requests = (await this.requests()) - before;
      const seconds = (performance.now() - started) / 1000;
      this.#write({ way: name, dialect, streamed, behaviour: behaviour.name, seen, requests, seconds });
    }
  }

  async check(name, check) {
    await this.#forget();
    let failure = null;
    try {
      await check();
    } catch (error) {
      failure = String(error.stack);
    }
    this.#write({ check: name, failure });
  }

  async #forget() {
    await fetch(`${stage.upstream}/control`, { method: "POST", body: '{"forget": true}' });
    return this.requests();
  }

  async requests() {
    return (await (await fetch(`${stage.upstream}/stats`)).json()).requests;
  }

  #write(line) {
    appendFileSync(process.env.TIDEGATE_REPORT, `${JSON.stringify(line)}\n`);
  }
}

// The error that this raises, which must be of that very class.
export async function expect(kind, act) {
  let said;
  try {
    said = await act();
  } catch (error) {
    if (error.constructor === kind) return error;
    throw new Error(`${error.constructor.name} instead of ${kind.name}: ${error.message}`);
  }
  throw new Error(`no ${kind.name} but ${JSON.stringify(said)}`);
}
