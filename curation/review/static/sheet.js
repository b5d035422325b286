// The items that the address asks for: their order, where each stands, and what is known of them.

import { ask } from "./server.js";

const BATCH = 200;

export class Sheet {
  constructor(answer, asked) {
    this.asked = asked;
    this.of = asked.get("of") ?? "";
    this.order = Int32Array.from(answer.order);
    this.statuses = Array.from(answer.statuses);
    this.about = answer;
    this.known = new Map();
    this.coming = new Map();
    this.positions = new Map();
    this.order.forEach((place, position) => this.positions.set(place, position));
  }

  static async load(asked) {
    return new Sheet(await ask("sheet", asked), asked);
  }

  get length() {
    return this.order.length;
  }

  /** What is known of the item at a position; undefined until it has come. */
  item(position) {
    return this.known.get(this.order[position]);
  }

  decision(position) {
    return this.statuses[position];
  }

  /** Fetch the details of the positions from `first` to before `last`, in whole batches. */
  need(first, last) {
    const start = Math.max(0, Math.floor(first / BATCH));
    const end = Math.ceil(Math.min(last, this.length) / BATCH);
    const batches = [];
    for (let batch = start; batch < end; batch += 1) {
      if (!this.coming.has(batch)) this.coming.set(batch, this.fetch(batch));
      batches.push(this.coming.get(batch));
    }
    return Promise.all(batches);
  }

  async fetch(batch) {
    const places = this.order.slice(batch * BATCH, (batch + 1) * BATCH);
    await this.fetchPlaces(places);
  }

  /** Fetch the details of items by their places in the collection. */
  async fetchPlaces(places) {
    const params = new URLSearchParams({ places: places.join(","), of: this.of });
    for (const item of await ask("items", params)) this.known.set(item.place, item);
  }

  /** The next position from `position` on in `direction` that is undecided; -1 without one. */
  nextUndecided(position, direction = 1) {
    for (let at = position + direction; at >= 0 && at < this.length; at += direction) {
      if (this.statuses[at] === "-") return at;
    }
    return -1;
  }

  /** Note what the lists say of an item now. */
  mark(place, decision, entries) {
    const position = this.positions.get(place);
    if (position !== undefined) this.statuses[position] = decision;
    const item = this.known.get(place);
    if (item) item.entries = entries;
  }
}
