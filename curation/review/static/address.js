// The address holds the whole state: view, filters, order, and where the cursor stands.

import { collection } from "./page.js";

const FACETS = ["decided", "status", "reason", "source", "creator", "capture", "by"];
const OF_VARIANTS = ["transform", "split"];
export const FILTERS = [...FACETS, ...OF_VARIANTS, "q", "rule", "min", "max"];

export const address = {
  view: document.body.dataset.view,
  params: new URLSearchParams(location.search),
};

let waiting = 0;

export const facetsOf = (view) => (view === "variants" ? [...FACETS, ...OF_VARIANTS] : FACETS);

export const urlOf = (view, params) => {
  const text = params.toString();
  return `/${collection}/${view}${text ? `?${text}` : ""}`;
};

/** Go somewhere else; the browser's back leads here again. */
export function go(view, params) {
  clearTimeout(waiting);
  address.view = view;
  address.params = params;
  history.pushState(null, "", urlOf(view, params));
}

/** Remember the cursor without a new step of history, and not for every key. */
export function standAt(id) {
  if (id) address.params.set("at", id);
  else address.params.delete("at");
  clearTimeout(waiting);
  waiting = setTimeout(() => history.replaceState(null, "", urlOf(address.view, address.params)), 300);
}

/** Take over what back and forward lead to. */
export function reread() {
  address.view = location.pathname.split("/")[2];
  address.params = new URLSearchParams(location.search);
}

/** The parameters of `params` that ask for items, for the server. */
export function question(params, view) {
  const asked = new URLSearchParams();
  for (const [name, value] of params) if (!["view", "with"].includes(name)) asked.append(name, value);
  if (view === "variants") asked.set("of", "variants");
  if (view === "borderline") {
    asked.set("border", "1");
    asked.set("sort", "near");
  }
  if (view === "sample") {
    asked.delete("decided");
    if (!asked.has("sample")) asked.set("sample", "50");
  }
  return asked;
}
