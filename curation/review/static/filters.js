// Filters beside the pictures: values with their counts, a search for words, an order.

import { byId, element, labelOf, number } from "./page.js";
import { FILTERS, address, facetsOf, go } from "./address.js";
import { state } from "./state.js";

const NAMES = {
  decided: "Your decision",
  status: "By the rules",
  reason: "Reason",
  source: "Site",
  creator: "Artist or brand",
  capture: "First captured",
  by: "Decided by",
  transform: "Transform",
  split: "Split",
};
const VALUES = { keep: "kept", remove: "removed", reject: "left out", held_out: "held out" };
const FEW = 8;

export class Filters {
  constructor(reload) {
    this.reload = reload;
    this.all = new Set();
    const form = byId("filter-form");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => this.changed());
    let waiting = 0;
    byId("words").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.changed(), 250);
    });
    byId("clear-filters").addEventListener("click", () => this.go(new URLSearchParams()));
    if (matchMedia("(max-width: 68rem)").matches) byId("filters").open = false;
  }

  focus() {
    byId("filters").open = true;
    byId("words").focus();
    byId("words").select();
  }

  go(params) {
    for (const name of ["sample", "seed"]) {
      const value = address.params.get(name);
      if (value) params.set(name, value);
    }
    go(address.view, params);
    this.reload();
  }

  changed() {
    const params = new URLSearchParams();
    for (const [name, value] of new FormData(byId("filter-form"))) {
      const isDefault = !value || (name === "sort" && value === "doubt");
      if (!isDefault) params.append(name, value);
    }
    const sort = params.get("sort")?.replace(/^-/, "");
    if (address.view === "borderline") params.set("rule", address.params.get("rule") ?? "");
    else if (sort && sort in state.sheet.about.ranges) params.set("rule", sort);
    if (!params.has("rule")) ["min", "max"].forEach((name) => params.delete(name));
    if (params.toString() === this.asked()) return;
    this.go(params);
  }

  asked() {
    const params = new URLSearchParams(address.params);
    for (const name of ["at", "sample", "seed", "with"]) params.delete(name);
    return params.toString();
  }

  /** Show the counts of a sheet, and what the address asks for. */
  update() {
    const { counts, ranges } = state.sheet.about;
    if (document.activeElement !== byId("words")) byId("words").value = address.params.get("q") ?? "";
    this.orders(ranges);
    const rule = address.params.get("rule");
    byId("range").hidden = !rule;
    byId("low").value = address.params.get("min") ?? "";
    byId("high").value = address.params.get("max") ?? "";
    const active = FILTERS.filter((name) => address.params.has(name)).length;
    byId("filter-count").textContent = active ? `(${active})` : "";
    byId("clear-filters").hidden = !active;
    const focused = document.activeElement?.id;
    byId("facets").replaceChildren(
      ...facetsOf(address.view)
        .filter((name) => name !== "source" || Object.keys(counts.source ?? {}).length > 1)
        .filter((name) => name !== "capture" || Object.keys(counts.capture ?? {}).length > 1)
        .filter((name) => Object.keys(counts[name] ?? {}).length)
        .map((name) => this.facet(name, counts[name])),
    );
    if (focused) byId(focused)?.focus({ preventScroll: true });
  }

  orders(ranges) {
    const sorts = [["doubt", "nearest to a limit"], ["id", "by id"]];
    for (const rule of Object.keys(ranges)) sorts.push([rule, `${labelOf(rule)}, worst first`], [`-${rule}`, `${labelOf(rule)}, best first`]);
    const order = address.params.get("sort") ?? "doubt";
    byId("sort").replaceChildren(
      ...sorts.map(([value, text]) => element("option", { value, selected: value === order }, text)),
    );
    byId("sort").disabled = address.view === "borderline";
  }

  facet(name, counts) {
    const picked = address.params.getAll(name);
    const values = Object.entries(counts).filter(([value, count]) => count || picked.includes(value));
    const shown = this.all.has(name) ? values : values.filter(([value], at) => at < FEW || picked.includes(value));
    const rows = shown.map(([value, count]) => this.value(name, value, count, picked.includes(value)));
    if (shown.length < values.length) {
      rows.push(
        element(
          "button",
          { type: "button", class: "quiet", onclick: () => this.showAll(name) },
          `${number(values.length - shown.length)} more`,
        ),
      );
    }
    return element("fieldset", {}, element("legend", {}, NAMES[name]), ...rows);
  }

  showAll(name) {
    this.all.add(name);
    this.update();
  }

  value(name, value, count, checked) {
    const text = name === "reason" ? labelOf(value) : VALUES[value] ?? value.replaceAll("_", " ");
    return element(
      "label",
      { class: "value" },
      element("input", { type: "checkbox", id: `${name}-${value}`, name, value, checked }),
      element("span", { class: "text" }, text),
      element("span", { class: "count" }, number(count)),
    );
  }
}
