// Requests. Decisions leave in their order, one request at a time, and are asked for again until
// they are answered; the server carries each out once.

import { collection, token, byId } from "./page.js";

const tab = crypto.randomUUID();
const queue = [];
let numbered = 0;
let sending = false;
let saved = 0;
let inFlight = 0;

/** What a GET answers; an Error with the server's sentence when it refuses. */
export async function ask(path, params = new URLSearchParams()) {
  const response = await fetch(`/api/${collection}/${path}?${params}`);
  return sentence(response);
}

async function sentence(response) {
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { error: text.trim() };
  }
  if (response.ok) return answer;
  const error = new Error(answer.error ?? response.statusText);
  error.status = response.status;
  throw error;
}

/** Send a command; resolves with its answer, rejects when the server refuses it. */
export function command(path, body = {}) {
  return new Promise((resolve, reject) => {
    queue.push({ path, body, resolve: [resolve], reject: [reject] });
    show();
    drain();
  });
}

/** Steps that wait in the queue go together in one request. */
function next() {
  const first = queue.shift();
  while (first.path === "decide" && queue[0]?.path === "decide" && queue[0].body.of === first.body.of) {
    const more = queue.shift();
    first.body = { ...first.body, steps: [...first.body.steps, ...more.body.steps] };
    first.resolve.push(...more.resolve);
    first.reject.push(...more.reject);
  }
  return first;
}

async function drain() {
  if (sending) return;
  sending = true;
  while (queue.length) {
    const request = next();
    inFlight = request.resolve.length;
    numbered += 1;
    try {
      const answer = await send(request);
      saved += request.resolve.length;
      for (const resolve of request.resolve) resolve(answer);
    } catch (error) {
      for (const reject of request.reject) reject(error);
    }
    inFlight = 0;
    show();
  }
  sending = false;
}

async function send(request) {
  const body = JSON.stringify({ ...request.body, tab, number: numbered });
  const headers = { "content-type": "application/json", "x-salon-token": token };
  for (let pause = 200; ; pause = Math.min(5000, 2 * pause)) {
    try {
      return await sentence(await fetch(`/api/${collection}/${request.path}`, { method: "POST", headers, body }));
    } catch (error) {
      const isBusy = error.status === 409 && request.path !== "run";
      if (error.status && !isBusy) throw error;
      byId("saving").textContent = error.status
        ? error.message
        : "the server does not answer; nothing more is saved";
      byId("saving").className = "trouble";
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function show() {
  const waiting = queue.reduce((sum, request) => sum + request.resolve.length, inFlight);
  document.body.dataset.waiting = waiting;
  document.body.dataset.saved = saved;
  const place = byId("saving");
  place.className = waiting ? "waiting" : "";
  place.textContent = waiting ? `saving ${waiting}` : "saved";
}

addEventListener("beforeunload", (event) => {
  if (queue.length || inFlight) event.preventDefault();
});
