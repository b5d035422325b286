// One picture with its caption and its status, for the grid and for groups.

import { element, labelOf } from "./page.js";
import { altOf, smallOf } from "./pictures.js";
import { address } from "./address.js";

const WORDS = { keep: "kept", remove: "removed" };

/** What the lists say of an item, in words; empty when they say nothing. */
export function saidWords(item) {
  return item.entries
    .map(({ list, reason, by }) =>
      [WORDS[list] ?? list, reason && `as ${labelOf(reason).toLowerCase()}`, by && `by ${by}`]
        .filter(Boolean)
        .join(" "),
    )
    .join(", and ");
}

/** Why an item stays or goes by the rules, in words. */
export function ruleWords(item) {
  if (!item.status) return "not selected yet";
  if (item.status === "reject") return [item.label, item.note].filter(Boolean).join(": ");
  const near = address.view === "borderline" && numberOf(item, address.params.get("rule"));
  if (near) return near;
  return item.overruled ? `stays, though ${item.overruled.toLowerCase()}` : "stays";
}

/** The number that a rule compared, and its limit. */
function numberOf(item, name) {
  const verdict = item.rules.find(({ rule }) => rule === name);
  return verdict && `passes with ${Math.round(100 * verdict.value) / 100}, limit ${verdict.threshold}`;
}

export function tile(item, { sizes, id, position, total }) {
  const made = element("div", {
    class: "tile",
    id,
    role: "option",
    "aria-posinset": position + 1,
    "aria-setsize": total,
    "aria-label": "not loaded yet",
    data: { position },
  });
  fill(made, item, sizes);
  return made;
}

/** Bring a tile up to what is known of its item. */
export function fill(made, item, sizes) {
  if (!item) return;
  if (made.dataset.item !== item.id) {
    made.dataset.item = item.id;
    const picture = item.decodes
      ? element("img", { src: smallOf(item, sizes), alt: "", decoding: "async", draggable: false })
      : element("span", { class: "blank" }, "cannot be decoded");
    made.replaceChildren(
      element("span", { class: "frame" }, picture),
      element("span", { class: "mark", "aria-hidden": "true" }),
      element("span", { class: "words" }),
    );
  }
  const decision = item.entries[0]?.list ?? "";
  made.dataset.decision = decision;
  made.dataset.status = item.status ?? "";
  made.querySelector(".mark").textContent = { keep: "✓", remove: "✕" }[decision] ?? "";
  const transform = item.id.split("/")[1];
  made.querySelector(".words").replaceChildren(
    element("cite", {}, item.title),
    element("span", { class: "why" }, saidWords(item) || transform?.replaceAll("_", " ") || ruleWords(item)),
  );
  const heard = [altOf(item), transform, ruleWords(item), saidWords(item) || "undecided"];
  made.setAttribute("aria-label", heard.filter(Boolean).join("; "));
}
