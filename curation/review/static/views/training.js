// What the last training draws, each sample beside the real pictures most like it.

import { element, number } from "../page.js";
import { ask } from "../server.js";
import { sampleOf } from "../pictures.js";
import { fill, tile } from "../tiles.js";
import { state } from "../state.js";

export class Training {
  constructor() {
    this.sample = 0;
    this.member = 0;
    this.nearest = [];
    this.words = element("p", { class: "note" });
    this.list = element("div", { class: "scroller training", role: "listbox", tabIndex: 0, "aria-label": "Real pictures nearest to each sample" });
    this.root = element(
      "section",
      { class: "view", "aria-label": "Training" },
      element("div", { class: "bar" }, this.words),
      this.list,
    );
    this.list.addEventListener("click", (event) => this.clicked(event));
  }

  async show() {
    await this.sheetChanged();
    this.list.focus({ preventScroll: true });
  }

  hide() {}

  async sheetChanged() {
    const { sheet } = state;
    const samples = await ask("training");
    this.nearest = samples.nearest;
    const places = [...new Set(this.nearest.flat())];
    if (places.length) await sheet.fetchPlaces(places);
    this.words.textContent = this.nearest.length
      ? `Samples after ${number(samples.imagesSeen)} pictures, each beside the real ones that look most like it. A flaw in a sample may come from them.`
      : "No training has run yet: `dvc repro` trains a model.";
    this.list.replaceChildren(...this.nearest.map((_, row) => this.row(row)));
    this.moved();
  }

  row(row) {
    const made = element("div", { class: "sample", role: "presentation", data: { row } });
    const sampleImage = element("img", { src: sampleOf(row), alt: `Sample ${row + 1}`, class: "drawn" });
    made.append(element("figure", {}, sampleImage, element("figcaption", {}, `sample ${row + 1}`)));
    this.nearest[row].forEach((place, member) => {
      const about = { sizes: state.sheet.about.sizes, id: `item-${row}-${member}`, position: member, total: this.nearest[row].length };
      made.append(tile(state.sheet.known.get(place), about));
    });
    return made;
  }

  refresh() {
    [...this.list.querySelectorAll(".sample")].forEach((made, row) => {
      made.querySelectorAll(".tile").forEach((shown, member) => {
        fill(shown, state.sheet.known.get(this.nearest[row][member]), state.sheet.about.sizes);
        const isCurrent = row === this.sample && member === this.member;
        shown.classList.toggle("current", isCurrent);
        shown.setAttribute("aria-selected", String(isCurrent));
      });
    });
  }

  moved() {
    if (!this.nearest.length) return;
    this.refresh();
    const id = `item-${this.sample}-${this.member}`;
    this.list.setAttribute("aria-activedescendant", id);
    this.list.querySelector(`#${id}`)?.scrollIntoView({ block: "nearest" });
  }

  clicked(event) {
    const made = event.target.closest(".tile");
    if (!made) return;
    this.sample = Number(made.closest(".sample").dataset.row);
    this.member = Number(made.dataset.position);
    this.moved();
  }

  arrow(across, down) {
    this.sample = Math.max(0, Math.min(this.sample + down, this.nearest.length - 1));
    this.member = Math.max(0, Math.min(this.member + across, (this.nearest[this.sample]?.length ?? 1) - 1));
    this.moved();
  }

  subjects() {
    return [state.sheet.known.get(this.nearest[this.sample]?.[this.member])].filter(Boolean);
  }

  advance() {
    this.arrow(1, 0);
  }
}
