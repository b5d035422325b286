// What stands above the grid in the views that ask something of it: borderline, sample.

import { counted, element, labelOf, number } from "../page.js";
import { address, go } from "../address.js";
import { state } from "../state.js";

/** Choose the rule whose threshold is looked at from both sides. */
export class BorderlineHead {
  constructor(reload) {
    this.reload = reload;
    this.rules = element("select", { id: "border-rule", onchange: () => this.choose(this.rules.value) });
    this.words = element("p", { class: "note" });
    this.root = element(
      "div",
      { class: "head" },
      element("label", { htmlFor: "border-rule" }, "Rule "),
      this.rules,
      this.words,
    );
  }

  choose(rule) {
    const params = new URLSearchParams(address.params);
    params.set("rule", rule);
    params.delete("at");
    go("borderline", params);
    this.reload();
  }

  /** The rule that leaves out the most, where the address names none. */
  static ensureRule({ ranges, counts }) {
    const rules = Object.keys(ranges);
    const most = rules.sort((a, b) => (counts.reason[b] ?? 0) - (counts.reason[a] ?? 0));
    address.params.set("rule", most[0] ?? "");
  }

  update() {
    const { ranges } = state.sheet.about;
    const rule = address.params.get("rule");
    this.rules.replaceChildren(
      ...Object.keys(ranges).map((name) =>
        element("option", { value: name, selected: name === rule }, labelOf(name)),
      ),
    );
    const range = ranges[rule];
    this.words.textContent = range
      ? `Nearest to the limit of ${range.threshold} first, from both sides; numbers go from ` +
        `${round(range.low)} to ${round(range.high)}.`
      : "No rule compares numbers here.";
  }
}

const round = (value) => Math.round(100 * value) / 100;

/** How often the rules were right, judged by the curator on pictures drawn by lot. */
export class SampleHead {
  constructor(reload) {
    this.reload = reload;
    this.words = element("p", { class: "estimate", role: "status" });
    const change = (values) => {
      const params = new URLSearchParams(address.params);
      params.delete("at");
      for (const [name, value] of Object.entries(values)) params.set(name, value);
      go("sample", params);
      this.reload();
    };
    this.status = element(
      "select",
      { id: "sample-status", onchange: () => change({ status: this.status.value }) },
      element("option", { value: "reject" }, "left out"),
      element("option", { value: "keep" }, "kept"),
    );
    this.count = element("input", {
      id: "sample-count",
      type: "number",
      min: 1,
      max: 2000,
      onchange: () => change({ sample: this.count.value }),
    });
    const newSample = element(
      "button",
      { type: "button", onclick: () => change({ seed: Number(address.params.get("seed") ?? 0) + 1 }) },
      "Draw others",
    );
    this.root = element(
      "div",
      { class: "head" },
      element("label", { htmlFor: "sample-count" }, "Draw "),
      this.count,
      element("label", { htmlFor: "sample-status" }, " of those "),
      this.status,
      newSample,
      this.words,
    );
  }

  update() {
    this.status.value = address.params.get("status") ?? "reject";
    this.count.value = address.params.get("sample") ?? "50";
    const { sheet } = state;
    const wrongIs = this.status.value === "reject" ? "k" : "r";
    const judged = sheet.statuses.filter((decision) => decision !== "-").length;
    const wrong = sheet.statuses.filter((decision) => decision === wrongIs).length;
    this.words.textContent = estimate(judged, wrong, sheet.about.matching, this.status.value);
  }
}

/** The share that is right, with its 95 % interval by Wilson's score (JASA 22, 1927). */
function estimate(judged, wrong, matching, status) {
  if (!judged) return `None judged yet. ${status === "reject" ? "Keep" : "Remove"} what the rules got wrong, ${status === "reject" ? "remove" : "keep"} the others.`;
  const [low, high] = wilson(judged - wrong, judged);
  const percent = (share) => `${Math.round(100 * share)} %`;
  return (
    `Of ${counted(judged, "picture")} judged ${number(wrong)} ${wrong === 1 ? "was" : "were"} wrongly ` +
    `${status === "reject" ? "left out" : "kept"}: right in ${percent((judged - wrong) / judged)} ` +
    `(${percent(low)} to ${percent(high)}) of ${number(matching)}.`
  );
}

export function wilson(right, count, z = 1.96) {
  const share = right / count;
  const middle = share + (z * z) / (2 * count);
  const reach = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  const scale = 1 + (z * z) / count;
  return [Math.max(0, (middle - reach) / scale), Math.min(1, (middle + reach) / scale)];
}
