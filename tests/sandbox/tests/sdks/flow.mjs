// Runs flow.json through the official Node SDK and prints one line of JSON for each step.
//
// Usage: node flow.mjs HOST CLIENT_ID CLIENT_SECRET EDITION FLOW_FILE FOLDER
//
// The SDK hands response bodies on as they are, so nothing is undecodable here.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [host, clientId, clientSecret, edition, flow, folder] = process.argv.slice(2);
const { CFEnvironment, Cashfree } = createRequire(join(folder, "flow.cjs"))("cashfree-pg");

// No error analytics: it would report to another host.
const client = new Cashfree(CFEnvironment.SANDBOX, clientId, clientSecret, "", "", "", false);
client.basePath = `${host}/pg`;

const plain = (name) => name.replace(/_1$/, "0").replaceAll("_", "").toLowerCase();
const methods = new Map();
for (const name of Object.getOwnPropertyNames(Cashfree.prototype)) {
  if (name !== "constructor" && name !== "PGVerifyWebhookSignature") methods.set(plain(name), name);
}
const common = ["x_request_id", "x_idempotency_key", "x_api_version", "Content_Type", "Accept", "options"];
const names = (method) => /\(([^)]*)\)/.exec(client[method].toString())[1].split(/,\s*/);

// `$name.path` in what earlier steps returned; `|text` and `|pa` convert it.
function lookUp(found, text) {
  const [path, form] = text.slice(1).split("|");
  const value = path.split(".").reduce((at, part) => at?.[part], found);
  if (value === undefined) throw new Error(`an earlier step has no ${path}`);
  if (form === "text") return String(value);
  return form === "pa" ? new URL(value).searchParams.get("pa") : value;
}

function fill(found, value) {
  if (typeof value === "string" && value.startsWith("$")) return lookUp(found, value);
  if (Array.isArray(value)) return value.map((item) => fill(found, item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(found, item)]));
}

function call(step, found) {
  const method = methods.get(plain(step.call));
  const given = names(method).map((name) => {
    if (common.includes(name)) return undefined;
    if (/^[A-Z]/.test(name)) return fill(found, { ...step.body, ...step[`in ${edition}`] });
    if (name === "file") return new File([readFileSync(join(folder, step.file))], step.file);
    return name in step ? fill(found, step[name]) : undefined;
  });
  return client[method](...given);
}

// What a payer, a bank or a test does beside the SDK.
async function outside(path) {
  const response = await fetch(path.startsWith("http") ? path : host + path, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  if (!response.ok) throw new Error(path);
  return response.text();
}

const found = {};
const called = new Set();
for (const step of JSON.parse(readFileSync(flow, "utf8"))) {
  if (!step.call) {
    try {
      const body = await outside(fill(found, step.post ?? step.visit));
      if (step.as) found[step.as] = JSON.parse(body);
    } catch {
      // What it stands on was refused before, and so is what stands on it.
    }
    continue;
  }
  if (!methods.has(plain(step.call))) continue;
  called.add(plain(step.call));
  const line = { operation: step.call, outcome: "works" };
  let response;
  try {
    response = await call(step, found);
    if (step.as) found[step.as] = response.data;
  } catch (error) {
    response = error.response;
    line.outcome = response ? "refused" : "unsent";
    line.code = response?.data?.code;
    line.reason = response?.data?.message ?? error.message;
  }
  line.status = response?.status;
  line.version = response?.headers["x-api-version"];
  console.log(JSON.stringify(line));
}
for (const name of methods.keys()) {
  if (!called.has(name)) console.log(JSON.stringify({ operation: name, outcome: "uncalled" }));
}
