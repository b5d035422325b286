// The page: views, keys and filters around one state.

import { byId, collection, say } from "./page.js";
import { address, go, reread, urlOf } from "./address.js";
import { decide, state, listen, load, notify, stand, undo } from "./state.js";
import { ask } from "./server.js";
import { Filters } from "./filters.js";
import { Keys } from "./key_events.js";
import { shortcuts } from "./shortcuts.js";
import { Compare } from "./views/compare.js";
import { Finish } from "./views/finish.js";
import { Grid } from "./views/grid.js";
import { Groups } from "./views/groups.js";
import { BorderlineHead, SampleHead } from "./views/heads.js";
import { Loupe } from "./views/loupe.js";
import { Training } from "./views/training.js";

const LISTEN_MS = 1500;
const OF_ITEMS = ["grid", "loupe", "borderline", "sample", "variants", "compare"];

const heads = { borderline: new BorderlineHead(() => show()), sample: new SampleHead(() => show()) };
const views = {
  grid: new Grid(),
  loupe: new Loupe(),
  groups: new Groups(),
  compare: new Compare(),
  borderline: new Grid(heads.borderline.root),
  sample: new Grid(heads.sample.root),
  variants: new Grid(),
  training: new Training(),
  finish: new Finish(),
};
for (const [name, view] of Object.entries(views)) {
  view.reload = () => show();
  view.open = () => open("loupe");
  if (name in heads) withHead(view, heads[name]);
}
const filters = new Filters(() => show());
state.recounted = () => filters.update();

/** The head follows every decision. */
function withHead(view, head) {
  const refresh = view.refresh.bind(view);
  view.refresh = () => {
    refresh();
    head.update();
  };
}

/** Show what the address says. */
async function show() {
  const { view } = address;
  try {
    if (view === "borderline" && !address.params.get("rule")) await findRule();
    if (view === "sample" && !address.params.get("status")) address.params.set("status", "reject");
    await load();
  } catch (error) {
    say(error.message);
    notify(error.message);
    return;
  }
  if (state.view !== views[view]) {
    state.view?.hide();
    state.view = views[view];
    byId("stage").replaceChildren(state.view.root);
    document.body.dataset.view = view;
    for (const link of document.querySelectorAll("nav [data-view]")) {
      const isHere = link.dataset.view === view;
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (isHere) document.title = `${link.textContent}: ${collection.replaceAll("_", " ")}`;
    }
    filters.update();
    await state.view.show();
  } else {
    filters.update();
    await state.view.sheetChanged();
  }
  heads[view]?.update();
  document.body.dataset.ready = view;
}

async function findRule() {
  BorderlineHead.ensureRule(await ask("sheet"));
}

/** Go to another view, with the filters that mean something there. */
function open(view) {
  if (view === address.view) return;
  const params = new URLSearchParams();
  const keepsItems = OF_ITEMS.includes(view) && OF_ITEMS.includes(address.view);
  const [from, to] = [address.view === "variants", view === "variants"];
  if (keepsItems && from === to) {
    for (const [name, value] of address.params) if (name !== "with") params.append(name, value);
    if (view !== "sample") ["sample", "seed"].forEach((name) => params.delete(name));
  }
  if (view === "compare") {
    const ids = state.view?.toCompare?.() ?? picked();
    if (ids.length > 1) params.set("with", ids.join(","));
  }
  if (view === "loupe" && state.view?.subjects?.()[0]) params.set("at", state.view.subjects()[0].id);
  go(view, params);
  document.body.dataset.ready = "";
  show();
}

/** The pictures chosen in the grid. */
function picked() {
  if (state.anchor === null || !state.sheet) return [];
  const [first, last] = [state.anchor, state.cursor].sort((a, b) => a - b);
  const ids = [];
  for (let at = first; at <= last && ids.length < 4; at += 1) ids.push(state.sheet.item(at)?.id);
  return ids.filter(Boolean);
}

function arrow(across, down, extend = false) {
  const { view } = state;
  if (view?.arrow) view.arrow(across, down);
  else if (view?.step) stand(view.step(across, down), { extend });
}

function seek(direction) {
  const next = state.sheet.nextUndecided(state.cursor, direction);
  if (next >= 0) stand(next);
  else say(direction > 0 ? "Nothing undecided follows." : "Nothing undecided stands before this.");
}

const doing = (name) => (...given) => state.view?.[name]?.(...given);

const keys = new Keys(shortcuts({ arrow, seek, open, doing, filters, help: () => keys.help() }));

const acts = {
  keep: () => decide("keep"),
  remove: () => decide("remove"),
  clear: () => decide(""),
  undo: () => undo(),
  redo: () => undo("redo"),
};
for (const [name, act] of Object.entries(acts)) {
  document.querySelector(`[data-act=${name}]`).addEventListener("click", act);
}
byId("show-help").addEventListener("click", () => keys.help());
byId("collection")?.addEventListener("change", (event) => {
  location.href = `/${event.target.value}/${address.view}`;
});
document.querySelector("nav.views").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link.dataset.view);
});
addEventListener("popstate", () => {
  reread();
  show();
});
history.replaceState(null, "", urlOf(address.view, address.params));
setInterval(listen, LISTEN_MS);
show();
