// Many pictures at once; the cursor moves over them.

import { byId, element } from "../page.js";
import { Column } from "../virtual.js";
import { fill, tile } from "../tiles.js";
import { chosen, state, stand } from "../state.js";

const CAPTION_PX = 46;
const GAP_PX = 12;
const SIZE = "salon-tile-px";

let size = Number(localStorage.getItem(SIZE)) || 160;

export class Grid {
  constructor(head) {
    this.columns = 1;
    this.column = new Column({
      render: (row) => this.row(row),
      shown: (first, last) => this.need(first, last),
      properties: {
        id: "pictures",
        class: "scroller grid",
        role: "listbox",
        tabIndex: 0,
        "aria-label": "Pictures",
        "aria-multiselectable": "true",
      },
    });
    this.list = this.column.scroller;
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("dblclick", () => this.open?.());
    const slider = element("input", {
      id: "tile-size",
      type: "range",
      min: 96,
      max: 320,
      step: 8,
      value: size,
      oninput: (event) => this.resize(Number(event.target.value)),
    });
    const bar = element(
      "div",
      { class: "bar" },
      ...(head ? [head] : []),
      element("p", { class: "found", id: "found" }),
      element("label", { class: "size", htmlFor: "tile-size" }, "Size ", slider),
    );
    this.root = element("section", { class: "view", "aria-label": "Grid" }, bar, this.list);
    this.observer = new ResizeObserver(() => this.layout());
  }

  show() {
    this.observer.observe(this.list);
    this.sheetChanged();
    this.list.focus({ preventScroll: true });
  }

  hide() {
    this.observer.disconnect();
  }

  /** The sheet is another one. */
  sheetChanged() {
    const { sheet } = state;
    const { matching } = sheet.about;
    const words = sheet.length < matching ? `${sheet.length} drawn from ${matching}` : `${sheet.length}`;
    byId("found").textContent = sheet.length ? `${words} shown` : "Nothing matches these filters.";
    this.width = 0;
    this.layout();
    this.moved();
  }

  resize(px) {
    size = px;
    localStorage.setItem(SIZE, String(px));
    this.width = 0;
    this.layout();
    this.moved();
  }

  layout() {
    const width = this.list.clientWidth - GAP_PX;
    if (!state.sheet || width <= 0 || width === this.width) return;
    this.width = width;
    this.columns = Math.max(1, Math.floor(width / (size + GAP_PX)));
    this.list.style.setProperty("--columns", this.columns);
    this.list.style.setProperty("--tile", `${Math.floor(width / this.columns) - GAP_PX}px`);
    const height = Math.floor(width / this.columns) - GAP_PX + CAPTION_PX + GAP_PX;
    this.column.resize(Math.ceil(state.sheet.length / this.columns), height);
    this.column.reveal(Math.floor(state.cursor / this.columns));
  }

  row(row) {
    const { sheet } = state;
    const first = row * this.columns;
    const last = Math.min(first + this.columns, sheet.length);
    const made = element("div", { class: "row", role: "presentation" });
    for (let position = first; position < last; position += 1) {
      const about = {
        sizes: sheet.about.sizes,
        id: `item-${position}`,
        position,
        total: sheet.length,
      };
      const shown = tile(sheet.item(position), about);
      this.dress(shown, position);
      made.append(shown);
    }
    return made;
  }

  async need(first, last) {
    const { sheet } = state;
    await sheet.need(first * this.columns, last * this.columns);
    if (sheet === state.sheet) this.refresh();
  }

  /** Show anew what may have changed of the tiles that exist. */
  refresh() {
    const { sheet } = state;
    for (const made of this.list.querySelectorAll(".tile")) {
      const position = Number(made.dataset.position);
      fill(made, sheet.item(position), sheet.about.sizes);
      this.dress(made, position);
    }
  }

  dress(made, position) {
    const isCurrent = position === state.cursor;
    const isChosen = isCurrent || (state.anchor !== null && chosen().includes(position));
    made.classList.toggle("current", isCurrent);
    made.setAttribute("aria-selected", String(isChosen));
  }

  moved() {
    if (!state.sheet.length) return;
    this.column.reveal(Math.floor(state.cursor / this.columns));
    this.list.setAttribute("aria-activedescendant", `item-${state.cursor}`);
    for (const made of this.list.querySelectorAll(".tile")) {
      this.dress(made, Number(made.dataset.position));
    }
  }

  clicked(event) {
    const made = event.target.closest(".tile");
    if (made) stand(Number(made.dataset.position), { extend: event.shiftKey });
  }

  /** Where an arrow leads. */
  step(across, down) {
    return state.cursor + across + down * this.columns;
  }

  page(direction) {
    const rows = Math.max(1, Math.floor(this.list.clientHeight / this.column.height));
    return state.cursor + direction * rows * this.columns;
  }
}
