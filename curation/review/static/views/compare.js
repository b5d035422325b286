// Two to four pictures at the same zoom and place; blinking, or their difference.

import { button, counted, element, key, percent } from "../page.js";
import { ask } from "../server.js";
import { address } from "../address.js";
import { altOf, originalOf, ready, squareOf } from "../pictures.js";
import { ruleWords, saidWords } from "../tiles.js";
import { state, record } from "../state.js";

const BLINK_MS = 500;
const TURNS = {
  identity: "",
  rot90: "rotate(-90deg)",
  rot180: "rotate(180deg)",
  rot270: "rotate(90deg)",
  flip_left_right: "scaleX(-1)",
  flip_top_bottom: "scaleY(-1)",
  transpose: "rotate(90deg) scaleY(-1)",
  transverse: "rotate(-90deg) scaleY(-1)",
};

const MOST = 4;
const KINDS = { exact: "The same pixels", near: "A copy", doubtful: "In doubt" };

export class Compare {
  constructor() {
    this.items = [];
    this.member = 0;
    this.eye = { zoom: 1, x: 0.5, y: 0.5 };
    this.mode = "beside";
    this.aligned = true;
    this.turn = new Map();
    this.pairs = new Map();
    this.panes = element("div", { class: "panes", role: "listbox", tabIndex: 0, "aria-label": "Pictures compared", "aria-describedby": "found" });
    this.note = element("p", { class: "found", id: "found" });
    const modes = { beside: ["Side by side ", "S"], blink: ["Blink ", "B"], difference: ["Difference ", "F"] };
    this.modes = Object.entries(modes).map(([mode, [text, name]]) => {
      const made = button(text, () => this.as(mode), { data: { mode } });
      made.append(key(name));
      return made;
    });
    this.align = button("Turn copies upright ", () => this.toggleAlign(), { "aria-pressed": "true" });
    this.align.append(key("M"));
    const fit = button("Fit ", () => this.zoom());
    fit.append(key("Space"));
    this.root = element(
      "section",
      { class: "view", "aria-label": "Compare" },
      element(
        "div",
        { class: "bar" },
        element("div", { class: "kinds", role: "group", "aria-label": "How" }, ...this.modes),
        this.align,
        fit,
        this.note,
      ),
      this.panes,
    );
    this.panes.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    this.panes.addEventListener("pointermove", (event) => this.dragged(event));
    this.panes.addEventListener("click", (event) => this.clicked(event));
  }

  async show() {
    await this.sheetChanged();
    this.panes.focus({ preventScroll: true });
  }

  hide() {
    clearInterval(this.blinking);
  }

  async sheetChanged() {
    const places = await this.choose();
    await state.sheet.fetchPlaces(places);
    this.items = places.map((place) => state.sheet.known.get(place));
    this.member = 0;
    this.eye = { zoom: 1, x: 0.5, y: 0.5 };
    await this.measure(places);
    this.build();
  }

  /** The places of what is compared: what was chosen, else the picture here and what is like it. */
  async choose() {
    const ids = (address.params.get("with") ?? "").split(",").filter(Boolean);
    if (ids.length > 1) {
      const known = await ask("places", new URLSearchParams({ ids: ids.slice(0, MOST).join(",") }));
      const places = known.filter((place) => place >= 0);
      this.note.textContent = `The ${counted(places.length, "picture")} that you chose.`;
      return places;
    }
    const { sheet, cursor } = state;
    const here = sheet.order[cursor];
    if (here === undefined) return this.noting("", []);
    const { title } = sheet.item(cursor);
    const others = await ask("candidates", new URLSearchParams({ places: here }));
    if (!others.length) {
      const words = `Nothing was measured to be like ${title}. Choose pictures in the grid with Shift and the arrows, then press C.`;
      return this.noting(words, [here]);
    }
    const shown = others.slice(0, MOST - 1);
    const of = shown.length < others.length ? `, the likeliest of ${others.length}` : "";
    return this.noting(`${title} and ${counted(shown.length, "picture")} like it${of}.`, [here, ...shown]);
  }

  noting(words, places) {
    this.note.textContent = words;
    return places;
  }

  /** How alike the others are to the first, and how each lies in relation to it. */
  async measure(places) {
    this.turn.clear();
    this.pairs.clear();
    if (places.length < 2) return;
    const [first] = this.items;
    for (const pair of await ask("pairs", new URLSearchParams({ places: places.join(",") }))) {
      if (pair.a !== first.image && pair.b !== first.image) continue;
      const other = pair.a === first.image ? pair.b : pair.a;
      this.turn.set(other, inverseIf(pair.a === first.image, pair.symmetry));
      this.pairs.set(other, pair);
    }
  }

  build() {
    if (!this.items.length) {
      this.panes.replaceChildren(element("p", { class: "empty" }, "Nothing to compare."));
      return;
    }
    this.panes.replaceChildren(...this.items.map((item, member) => this.pane(item, member)));
    this.as(this.mode);
  }

  pane(item, member) {
    const image = item.decodes ? ready(this.source(item), altOf(item)) : null;
    if (image) image.style.setProperty("--turn", this.aligned ? TURNS[this.turn.get(item.image)] ?? "" : "");
    const window = element("div", { class: "window" }, image ?? element("p", { class: "empty" }, "cannot be decoded"));
    const words = element("div", { class: "words" });
    const made = element("div", { class: "pane", role: "option", id: `pane-${member}`, data: { member } }, window, words);
    this.dress(made, item, member);
    return made;
  }

  /** What was measured between a picture and the first one, in words. */
  likeness(member) {
    if (!member) return "";
    const pair = this.pairs.get(this.items[member].image);
    if (!pair) return "Never measured against the first: their hashes are far apart.";
    const chance = pair.chance === null ? "" : `One picture with a chance of ${percent(pair.chance)}. `;
    return (
      `${KINDS[pair.kind]}${pair.suspicion && `: ${pair.suspicion}`}. ${chance}` +
      `Hashes ${pair.phash_distance} bits apart, colours ${pair.lab_distance.toFixed(1)}, ` +
      `at worst ${pair.region_distance.toFixed(1)}, edges at worst ${(1 - pair.edge_distance).toFixed(2)}.`
    );
  }

  source(item) {
    return item.id.includes("/") ? squareOf(item, state.sheet.about.sizes.at(-1)) : originalOf(item);
  }

  dress(made, item, member) {
    made.dataset.decision = item.entries[0]?.list ?? "";
    made.classList.toggle("current", member === this.member);
    made.classList.toggle("shown", member === 0 || member === Math.max(1, this.member));
    made.setAttribute("aria-selected", String(member === this.member));
    const size = item.width ? `${item.width} × ${item.height}` : "";
    made.querySelector(".words").replaceChildren(
      element("cite", {}, item.title),
      element("span", {}, [item.creator, size].filter(Boolean).join(", ")),
      element("span", { class: "why" }, saidWords(item) || ruleWords(item)),
      element("span", { class: "likeness" }, this.likeness(member)),
    );
    const heard = [altOf(item), size, ruleWords(item), saidWords(item) || "undecided", this.likeness(member)];
    made.setAttribute("aria-label", heard.filter(Boolean).join("; "));
  }

  refresh() {
    [...this.panes.querySelectorAll(".pane")].forEach((made, member) => {
      this.dress(made, this.items[member], member);
    });
    this.panes.setAttribute("aria-activedescendant", `pane-${this.member}`);
    this.look();
  }

  moved() {
    this.refresh();
  }

  as(mode) {
    this.mode = mode;
    clearInterval(this.blinking);
    this.panes.dataset.mode = mode;
    for (const made of this.modes) made.setAttribute("aria-pressed", String(made.dataset.mode === mode));
    if (mode === "blink" && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.blinking = setInterval(() => this.arrow(1, 0, true), BLINK_MS);
    }
    this.refresh();
  }

  toggleAlign() {
    this.aligned = !this.aligned;
    this.align.setAttribute("aria-pressed", String(this.aligned));
    this.build();
  }

  /** Show the same place of every picture at the same size. */
  look() {
    const { zoom, x, y } = this.eye;
    this.panes.style.setProperty("--zoom", zoom);
    this.panes.style.setProperty("--x", `${100 * (0.5 - x) * zoom}%`);
    this.panes.style.setProperty("--y", `${100 * (0.5 - y) * zoom}%`);
  }

  zoom() {
    this.eye = this.eye.zoom === 1 ? { ...this.eye, zoom: 3 } : { zoom: 1, x: 0.5, y: 0.5 };
    this.look();
  }

  wheeled(event) {
    event.preventDefault();
    const zoom = Math.max(1, Math.min(16, this.eye.zoom * Math.exp(-event.deltaY / 300)));
    this.eye = zoom === 1 ? { zoom, x: 0.5, y: 0.5 } : { ...this.eye, zoom };
    this.look();
  }

  dragged(event) {
    const window = event.target.closest(".window");
    if (!window || !(event.buttons & 1)) return;
    const { clientWidth, clientHeight } = window;
    const within = (value) => Math.max(0, Math.min(1, value));
    this.eye.x = within(this.eye.x - event.movementX / clientWidth / this.eye.zoom);
    this.eye.y = within(this.eye.y - event.movementY / clientHeight / this.eye.zoom);
    this.look();
  }

  clicked(event) {
    const made = event.target.closest(".pane");
    if (!made) return;
    this.member = Number(made.dataset.member);
    this.refresh();
  }

  arrow(across, down, around = false) {
    const count = this.items.length;
    const next = this.member + across + down;
    this.member = around ? (next + count) % count : Math.max(0, Math.min(next, count - 1));
    this.refresh();
  }

  subjects() {
    return this.items.slice(this.member, this.member + 1);
  }

  advance() {
    this.arrow(1, 0);
  }

  keepOne() {
    record([
      this.items.map((item, member) =>
        member === this.member
          ? { item, want: "keep", reason: "" }
          : { item, want: "remove", reason: "near_duplicate" },
      ),
    ]);
  }

  distinct() {
    const [first, ...others] = this.items;
    record([others.map((pair) => ({ item: first, pair, want: "distinct", reason: "" }))]);
  }
}

/** `b` looks like `a` under a symmetry: what turns `b` back, or `a` into `b`. */
function inverseIf(isFirst, symmetry) {
  if (!isFirst) return symmetry;
  return { rot90: "rot270", rot270: "rot90" }[symmetry] ?? symmetry;
}
