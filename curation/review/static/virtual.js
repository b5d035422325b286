// A column of rows of one height, of which only those near the eye exist.

import { element } from "./page.js";

const AHEAD = 1.5; // screens
const MARGIN_PX = 8; // above the first row and below the last
const SETTLED_MS = 50; // rows that fly past are not asked for

export class Column {
  /** `render(row)` makes the element of a row; `shown(first, last)` hears which are there. */
  constructor({ render, shown, properties = {} }) {
    this.render = render;
    this.shown = shown ?? (() => {});
    this.inner = element("div", { class: "rows", role: "presentation" });
    this.scroller = element("div", { class: "scroller", ...properties }, this.inner);
    this.rows = new Map();
    this.count = 0;
    this.height = 1;
    this.waiting = 0;
    this.scroller.addEventListener("scroll", () => this.update(SETTLED_MS), { passive: true });
  }

  resize(count, height) {
    this.count = count;
    this.height = height;
    this.inner.style.height = `${count * height + 2 * MARGIN_PX}px`;
    this.clear();
  }

  clear() {
    this.inner.replaceChildren();
    this.rows.clear();
    this.update();
  }

  /** Make the rows near the eye; hear of them at once, or when the scrolling has settled. */
  update(pause = 0) {
    const { scrollTop, clientHeight } = this.scroller;
    const ahead = AHEAD * clientHeight;
    const first = Math.max(0, Math.floor((scrollTop - ahead) / this.height));
    const last = Math.min(this.count, Math.ceil((scrollTop + clientHeight + ahead) / this.height));
    for (const [row, made] of this.rows) {
      if (row < first || row >= last) {
        forget(made);
        this.rows.delete(row);
      }
    }
    for (let row = first; row < last; row += 1) if (!this.rows.has(row)) this.add(row);
    clearTimeout(this.waiting);
    if (pause) this.waiting = setTimeout(() => this.shown(first, last), pause);
    else this.shown(first, last);
  }

  add(row) {
    const made = this.render(row);
    made.style.top = `${row * this.height + MARGIN_PX}px`;
    this.rows.set(row, made);
    this.inner.append(made);
  }

  /** Bring a row into view, with as little movement as will do. */
  reveal(row) {
    const top = row * this.height;
    const reach = this.height + 2 * MARGIN_PX;
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + reach > scrollTop + clientHeight) {
      this.scroller.scrollTop = top + reach - clientHeight;
    }
    this.update();
  }
}

/** Remove an element and stop loading its pictures: others wait in the same line. */
function forget(made) {
  for (const image of made.querySelectorAll("img")) if (!image.complete) image.removeAttribute("src");
  made.remove();
}
