// The end of a session: what was decided, what to commit, and what runs again.

import { button, element } from "../page.js";
import { ask, command } from "../server.js";
import { address } from "../address.js";

const POLL_MS = 400;

export class Finish {
  constructor() {
    this.root = element("section", { class: "view finish", "aria-label": "Finish", tabIndex: 0 });
    this.output = element("pre", { class: "output", hidden: true, tabIndex: 0, "aria-label": "What dvc says" });
    this.ended = element("p", { class: "note", role: "status" });
    this.start = button("Run dvc repro up to the variants", () => this.run(), { id: "run" });
    this.next = 0;
  }

  async show() {
    this.isShown = true;
    await this.sheetChanged();
    this.root.focus({ preventScroll: true });
    this.watch();
  }

  hide() {
    this.isShown = false;
  }

  async sheetChanged() {
    const told = await ask("finish");
    const statuses = element("div", { id: "stale" }, element("p", { class: "note" }, "Asking DVC what is stale …"));
    this.root.replaceChildren(
      element("h2", {}, told.summary || "Nothing decided since the last commit"),
      element("p", { class: "lead" }, told.effect || told.trouble),
      ...told.problems.map((problem) => element("p", { class: "trouble" }, problem)),
      ...(told.stat
        ? [
            element("h3", {}, "git diff --stat"),
            element("pre", { tabIndex: 0, "aria-label": "git diff --stat" }, told.stat),
            element(
              "details",
              {},
              element("summary", {}, "Every line"),
              element("pre", { tabIndex: 0, "aria-label": "The whole diff" }, ...diffLines(told.diff)),
            ),
            element("h3", {}, "Commit"),
            element("pre", { id: "commit", tabIndex: 0, "aria-label": "Commands that commit" }, commitOf(told.message)),
            button("Copy", () => navigator.clipboard.writeText(commitOf(told.message))),
          ]
        : []),
      element("h3", {}, "What dvc repro would do"),
      statuses,
      this.start,
      this.ended,
      this.output,
    );
    ask("stale").then(
      (stale) => statuses.replaceChildren(statusesOf(stale)),
      (error) => statuses.replaceChildren(element("p", { class: "trouble" }, error.message)),
    );
  }

  async run() {
    this.output.textContent = "";
    this.next = 0;
    try {
      await command("run");
    } catch (error) {
      this.ended.textContent = error.message;
    }
    this.watch();
  }

  /** Show what the run says, as long as it goes on. */
  async watch() {
    const told = await ask("run", new URLSearchParams({ since: this.next }));
    if (!this.isShown || address.view !== "finish" || !told.started) return;
    this.output.hidden = false;
    this.output.append(told.lines.map((line) => `${line}\n`).join(""));
    this.output.scrollTop = this.output.scrollHeight;
    this.next = told.next;
    const goesOn = told.exit === null;
    this.start.disabled = goesOn;
    this.output.dataset.exit = goesOn ? "" : told.exit;
    this.ended.textContent = goesOn ? "Running …" : told.exit ? `Stopped with exit code ${told.exit}.` : "Done: the variants are up to date.";
    if (goesOn) setTimeout(() => this.watch(), POLL_MS);
  }

  moved() {}

  refresh() {}

  subjects() {
    return [];
  }

  arrow() {}
}

const commitOf = (message) =>
  `git commit curation/lists -F - <<'END'\n${message}END`;

function diffLines(diff) {
  return diff.split("\n").map((line) => {
    const kind = line.startsWith("+") ? "added" : line.startsWith("-") ? "gone" : "";
    return element("span", { class: kind }, `${line}\n`);
  });
}

function statusesOf(stale) {
  const rows = stale
    .filter(({ status }) => status !== "fresh")
    .map(({ stage, status, because }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, stage),
        element("td", {}, status),
        element("td", {}, because),
      ),
    );
  if (!rows.length) return element("p", {}, "Nothing: every stage is up to date.");
  const head = ["Stage", "Standing", "Because"].map((text) => element("th", { scope: "col" }, text));
  return element("table", { class: "stale" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}
