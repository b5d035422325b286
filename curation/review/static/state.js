// What is on the state: the sheet, the cursor, and every decision.

import { curator, reasons, byId, counted, labelOf, number, say } from "./page.js";
import { ask, command } from "./server.js";
import { address, question, standAt } from "./address.js";
import { Sheet } from "./sheet.js";

const STATUSES = { keep: "k", remove: "r", "": "-" };

export const state = { sheet: null, cursor: 0, anchor: null, view: null };

let lastRemoval = null;
let undecided = 0;
let revision = 0;
let version = "";
let countsAreOld = false;
const times = [];

/** Load what the address asks for. */
export async function load() {
  const asked = question(address.params, address.view);
  const sheet = await Sheet.load(asked);
  const { about } = sheet;
  const cursor = sheet.positions.get(about.at) ?? 0;
  await sheet.need(cursor, Math.min(cursor + 1, sheet.length));
  Object.assign(state, { sheet, cursor, anchor: null });
  lastRemoval = null;
  undecided = about.undecided;
  revision = about.revision;
  version = about.version;
  showProgress();
  showUndo(about);
  for (const problem of about.problems) notify(`${problem}; that line is left as it is`);
}

/** Put the cursor on a position; by hand, unless a decision moved it there. */
export function stand(position, { byHand = true, extend = false } = {}) {
  if (!state.sheet?.length) return;
  if (extend) state.anchor ??= state.cursor;
  else state.anchor = null;
  if (byHand) lastRemoval = null;
  state.cursor = Math.max(0, Math.min(position, state.sheet.length - 1));
  state.view?.moved();
  standAt(state.sheet.item(state.cursor)?.id);
}

/** Positions that the next decision is about. */
export function chosen() {
  if (state.anchor === null) return [state.cursor];
  const [first, last] = [state.anchor, state.cursor].sort((a, b) => a - b);
  return Array.from({ length: last - first + 1 }, (_, step) => first + step);
}

/** Items to decide about: those of the view if it has its own, else the chosen ones. */
const subjects = () =>
  state.view?.subjects?.() ?? chosen().map((position) => state.sheet.item(position)).filter(Boolean);

export function decide(want, reason = "") {
  if (!state.view?.subjects && chosen().some((position) => !state.sheet.item(position))) {
    const [first, last] = [Math.min(...chosen()), Math.max(...chosen())];
    return void state.sheet.need(first, last + 1).then(() => decide(want, reason));
  }
  const items = subjects();
  if (!items.length) return;
  const made = want === "remove" ? reason || byId("reason").value : "";
  record([items.map((item) => ({ item, want, reason: made }))]);
  if (want === "remove") lastRemoval = items;
  say(`${nameOf(items)} ${wordFor(want, made)}`);
  advance();
}

const wordFor = (want, reason) =>
  want === "remove" ? `removed: ${labelOf(reason)}` : want === "keep" ? "kept" : "undecided";

const nameOf = (items) => (items.length === 1 ? items[0].title : counted(items.length, "image"));

function advance() {
  if (state.view?.advance) return state.view.advance();
  const from = Math.max(...chosen());
  const next = state.sheet.nextUndecided(from);
  state.anchor = null;
  state.cursor = next >= 0 ? next : Math.min(from + 1, state.sheet.length - 1);
  state.view?.moved();
  standAt(state.sheet.item(state.cursor)?.id);
}

/** A digit: the reason of the last removal, of the removed image here, or of the next. */
export function giveReason(digit) {
  const reason = reasons[digit - 1];
  byId("reason").value = reason;
  const here = subjects().filter((item) => item.entries[0]?.list === "remove");
  const items = lastRemoval ?? here;
  if (!items.length) return say(`The next removal is: ${labelOf(reason)}`);
  record([items.map((item) => ({ item, want: "remove", reason }))]);
  say(`${nameOf(items)} removed: ${labelOf(reason)}`);
}

/** Show decisions at once, and have them saved. Each list of changes is one step. */
export function record(steps) {
  const { sheet } = state;
  const sent = steps.map((changes) =>
    changes.map(({ item, pair, want, reason }) => ({
      ids: pair ? [item.id, pair.id].sort() : [item.id],
      want,
      reason,
      ...(pair ? {} : { saw: item.entries[0]?.list ?? "" }),
    })),
  );
  for (const { item, pair, want, reason } of steps.flat()) {
    if (pair) continue;
    const before = item.entries[0]?.list ?? "";
    if (!before && want) undecided -= 1;
    if (before && !want) undecided += 1;
    item.entries = want ? [{ list: want, reason, by: curator, date: "", note: "" }] : [];
    sheet.mark(item.place, STATUSES[want], item.entries);
    if (want && !before) times.push(Date.now());
  }
  state.view?.refresh();
  showProgress();
  return command("decide", { of: sheet.of, steps: sent }).then(take, (error) => refused(error));
}

export async function undo(path = "undo") {
  lastRemoval = null;
  try {
    const answer = await command(path, { of: state.sheet.of });
    take(answer);
    const [first] = answer.changed;
    const position = state.sheet.positions.get(first?.place);
    if (position !== undefined) stand(position);
    const names = counted(answer.changed.length + answer.pairs.length, "decision");
    say(path === "undo" ? `${names} taken back` : `${names} done again`);
  } catch (error) {
    say(error.message);
  }
}

/** Take over what an answer says of the lists. */
function take(answer) {
  countsAreOld ||= answer.changed.length > 0;
  for (const { place, decision, entries } of answer.changed) {
    if (place >= 0) state.sheet.mark(place, decision, entries);
  }
  undecided = answer.undecided;
  for (const notice of answer.notices) notify(notice.text, notice.restore);
  showUndo(answer);
  showProgress();
  state.view?.refresh();
  if (answer.many) reload();
}

async function refused(error) {
  notify(`Not saved: ${error.message}`);
  await reload();
}

async function reload() {
  const at = state.sheet.item(state.cursor)?.id;
  if (at) address.params.set("at", at);
  await state.view?.reload();
}

/** Hear what editors, git and other tabs do. */
export async function listen() {
  if (!state.sheet || document.body.dataset.waiting !== "0" || document.hidden) return;
  const { sheet } = state;
  const params = new URLSearchParams({ since: revision, of: sheet.of });
  let answer;
  try {
    answer = await ask("changes", params);
  } catch {
    byId("saving").textContent = "the server does not answer";
    byId("saving").className = "trouble";
    return;
  }
  if (sheet !== state.sheet || document.body.dataset.waiting !== "0") return;
  if (byId("saving").textContent === "the server does not answer") byId("saving").textContent = "saved";
  revision = answer.revision;
  if (answer.version !== version) {
    notify("The tables were made anew; the page shows them.");
    return void reload();
  }
  if (answer.changed.length || answer.notices.length || answer.many) take(answer);
  if (countsAreOld) await recount(sheet);
}

/** Bring the counts beside the filters up to the decisions; the order stays as it is. */
async function recount(sheet) {
  const { counts } = await ask("sheet", sheet.asked);
  if (sheet !== state.sheet) return;
  countsAreOld = false;
  sheet.about.counts = counts;
  state.recounted?.();
}

/** Something to be read when there is time, with a button where something can be put back. */
export function notify(text, lost = null) {
  const place = byId("notices");
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: "Close" });
  const notice = document.createElement("div");
  const words = document.createElement("p");
  words.textContent = text;
  notice.append(words);
  if (lost) {
    const back = Object.assign(document.createElement("button"), {
      type: "button",
      textContent: "Put them back",
    });
    back.addEventListener("click", () => {
      command("restore", { of: state.sheet.of, lost }).then(take, (error) => notify(error.message));
      notice.remove();
    });
    notice.append(back);
  }
  close.addEventListener("click", () => notice.remove());
  notice.append(close);
  place.append(notice);
  while (place.children.length > 5) place.firstChild.remove();
}

function showUndo({ undo: back, redo: again }) {
  for (const [act, count] of [["undo", back], ["redo", again]]) {
    document.querySelector(`[data-act=${act}]`).disabled = !count;
  }
}

/** How many are left, how fast it goes, and how long it will take. */
function showProgress() {
  const items = state.sheet.about.items;
  const now = Date.now();
  while (times.length && now - times[0] > 300_000) times.shift();
  let text = `${number(undecided)} of ${number(items)} undecided`;
  if (times.length >= 5) {
    const minutes = Math.max((now - times[0]) / 60_000, 1 / 60);
    const rate = times.length / minutes;
    const left = undecided / rate;
    const hours = Math.floor(left / 60);
    text += `, ${Math.round(rate)}/min, about ${hours ? `${hours} h ` : ""}${Math.ceil(left % 60)} min`;
  }
  byId("progress").textContent = text;
}
