// One picture, as large as the window: as it came, or as the GAN sees it.

import { button, byId, element, key, number } from "../page.js";
import { altOf, originalOf, overlayOf, ready, squareOf } from "../pictures.js";
import { ruleWords, saidWords } from "../tiles.js";
import { state, stand } from "../state.js";

const AHEAD = 3;

export class Loupe {
  constructor() {
    this.kind = "original";
    this.zoomed = false;
    this.overlay = false;
    this.place = element("div", { class: "picture", tabIndex: 0, role: "region", "aria-label": "Picture" });
    this.kinds = element("div", { class: "kinds", role: "group", "aria-label": "Shown as" });
    this.facts = element("section", { class: "facts", "aria-label": "About this picture", tabIndex: 0 });
    const bar = element(
      "div",
      { class: "bar" },
      this.kinds,
      button("100 % ", () => this.zoom(), { id: "zoom", "aria-pressed": "false" }),
      button("Overlay ", () => this.toggleOverlay(), { id: "overlay", "aria-pressed": "false" }),
      element("p", { class: "found", id: "found" }),
    );
    bar.querySelector("#zoom").append(key("Space"));
    bar.querySelector("#overlay").append(key("O"));
    this.root = element(
      "section",
      { class: "view", "aria-label": "Loupe" },
      bar,
      element("div", { class: "loupe" }, this.place, this.facts),
    );
    this.drag();
  }

  show() {
    this.moved();
    this.place.focus({ preventScroll: true });
  }

  hide() {}

  sheetChanged() {
    this.moved();
  }

  async moved() {
    const { sheet, cursor } = state;
    byId("found").textContent = sheet.length ? `${number(cursor + 1)} of ${number(sheet.length)}` : "";
    if (!sheet.length) {
      this.place.replaceChildren(element("p", { class: "empty" }, "Nothing matches these filters."));
      this.facts.replaceChildren();
      return;
    }
    if (!sheet.item(cursor)) {
      await sheet.need(cursor, cursor + 1);
      if (sheet !== state.sheet || cursor !== state.cursor) return;
      stand(cursor, { byHand: false });
    }
    this.refresh();
    await sheet.need(cursor - 1, cursor + AHEAD + 1);
    if (sheet === state.sheet && cursor === state.cursor) this.prepare();
  }

  /** Have the pictures that may come next decoded. */
  prepare() {
    const { sheet, cursor } = state;
    const undecided = sheet.nextUndecided(cursor);
    const positions = [undecided, sheet.nextUndecided(undecided), -1];
    for (let step = -1; step <= AHEAD; step += 1) positions.push(cursor + step);
    for (const position of new Set(positions)) {
      const item = position >= 0 && sheet.item(position);
      if (item && item.decodes) ready(this.source(item), altOf(item));
    }
  }

  source(item) {
    if (this.kind === "original" && !item.id.includes("/")) return originalOf(item);
    const size = this.kind === "original" ? state.sheet.about.sizes.at(-1) : Number(this.kind);
    return squareOf(item, size);
  }

  refresh() {
    const item = state.sheet.item(state.cursor);
    if (!item) return;
    const isSquare = this.kind !== "original" || item.id.includes("/");
    this.place.className = `picture${this.zoomed ? " zoomed" : ""}${isSquare ? " square" : ""}`;
    this.place.dataset.decision = item.entries[0]?.list ?? "";
    const shown = item.decodes
      ? ready(this.source(item), altOf(item))
      : element("p", { class: "empty" }, `Cannot be decoded: ${item.note}`);
    const parts = [shown];
    if (this.overlay && isSquare && item.overlay) {
      parts.push(element("img", { class: "over", src: overlayOf(item.overlay), alt: `The watermark ${item.overlay}` }));
    }
    if (this.place.firstChild !== shown || this.place.childElementCount !== parts.length) {
      this.place.replaceChildren(...parts);
    }
    this.showKinds(item);
    this.facts.replaceChildren(...factsOf(item));
  }

  showKinds(item) {
    const kinds = ["original", ...state.sheet.about.sizes.map(String).reverse()];
    this.kinds.replaceChildren(
      ...kinds.map((kind) =>
        button(kind === "original" ? "As it came" : `${kind} px`, () => this.as(kind), {
          "aria-pressed": String(kind === this.kind),
        }),
      ),
      key("V"),
    );
    byId("zoom").setAttribute("aria-pressed", String(this.zoomed));
    byId("overlay").setAttribute("aria-pressed", String(this.overlay));
    byId("overlay").disabled = !item.overlay;
  }

  as(kind) {
    this.kind = kind;
    if (kind === "original") this.overlay = false;
    this.refresh();
    this.prepare();
  }

  nextKind() {
    const kinds = ["original", ...state.sheet.about.sizes.map(String).reverse()];
    this.as(kinds[(kinds.indexOf(this.kind) + 1) % kinds.length]);
  }

  zoom() {
    this.zoomed = !this.zoomed;
    this.refresh();
    if (!this.zoomed) return;
    this.place.scrollLeft = (this.place.scrollWidth - this.place.clientWidth) / 2;
    this.place.scrollTop = (this.place.scrollHeight - this.place.clientHeight) / 2;
  }

  toggleOverlay() {
    this.overlay = !this.overlay;
    if (this.overlay && this.kind === "original") this.kind = String(state.sheet.about.sizes.at(-1));
    this.refresh();
  }

  /** Move a zoomed picture by hand. */
  drag() {
    this.place.addEventListener("pointermove", (event) => {
      if (!this.zoomed || !(event.buttons & 1)) return;
      this.place.scrollLeft -= event.movementX;
      this.place.scrollTop -= event.movementY;
    });
    this.place.addEventListener("dblclick", () => this.zoom());
  }

  step(across, down) {
    return state.cursor + across + down;
  }

  page(direction) {
    return state.cursor + 10 * direction;
  }
}

/** Everything that is known of a picture: caption, rules, lists. */
function factsOf(item) {
  const title = item.link
    ? element("a", { href: item.link, target: "_blank", rel: "noreferrer noopener" }, item.title)
    : item.title;
  const lines = {
    Size: item.width ? `${item.width} × ${item.height}, ${item.format}` : "",
    "Cut off": item.cropLoss ? `${Math.round(100 * item.cropLoss)} %` : "",
    Rights: item.rights,
    Captured: item.capture,
    Site: item.source,
    Split: item.split,
    Id: item.id.slice(0, 8) + item.id.slice(24),
  };
  return [
    element("h2", {}, title),
    element("p", { class: "by" }, [item.creator, item.year].filter(Boolean).join(", ")),
    element("p", { class: `verdict ${item.status}` }, ruleWords(item)),
    element("p", { class: `verdict entries ${item.entries[0]?.list ?? ""}` }, saidWords(item) || "undecided"),
    item.groupNote ? element("p", { class: "note" }, groupWords(item)) : null,
    rulesOf(item),
    element(
      "dl",
      {},
      ...Object.entries(lines)
        .filter(([, value]) => value)
        .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
    ),
  ].filter(Boolean);
}

const groupWords = (item) =>
  item.group === item.image
    ? `Preferred among its copies: ${item.groupNote}`
    : `A copy of ${item.group.slice(0, 8)}, which is preferred: ${item.groupNote}`;

function rulesOf(item) {
  if (!item.rules.length) return null;
  const rows = item.rules.map(({ label, value, threshold, rejects }) =>
    element(
      "tr",
      { class: rejects ? "against" : "" },
      element("th", { scope: "row" }, label),
      element("td", {}, String(Math.round(100 * value) / 100)),
      element("td", {}, String(threshold)),
      element("td", {}, rejects ? "rejects" : "passes"),
    ),
  );
  const head = ["Rule", "here", "limit", ""].map((text) => element("th", { scope: "col" }, text));
  return element(
    "table",
    { class: "rules-table" },
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
}
