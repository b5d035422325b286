// Copies of one picture, a group a row: keep one, remove the rest, or say that they differ.

import { button, counted, element, key, number, percent, say } from "../page.js";
import { ask } from "../server.js";
import { address, go } from "../address.js";
import { Column } from "../virtual.js";
import { fill, tile } from "../tiles.js";
import { state, record } from "../state.js";

// Two pictures that a person must tell apart have room to be larger than many copies.
const ROW_PX = { copies: 284, doubtful: 412 };
const NARROW = matchMedia("(max-width: 43rem)");

/** How doubtful pairs are ordered, and what moved the order. */
function order({ chances, same, distinct }) {
  if (!chances?.length) return "";
  const answers = same + distinct
    ? `, which ${counted(same, "pair")} called the same and ${number(distinct)} told apart have moved`
    : " in other collections, which your answers will move";
  return `, by their chance${answers}`;
}

export class Groups {
  constructor() {
    this.group = 0;
    this.member = 0;
    this.list = [];
    this.chances = [];
    this.suspicions = [];
    this.column = new Column({
      render: (row) => this.row(row),
      shown: (first, last) => this.need(first, last),
      properties: { class: "scroller groups", tabIndex: 0, role: "listbox", "aria-label": "Groups of copies" },
    });
    this.kinds = element("div", { class: "kinds", role: "group", "aria-label": "Which" });
    const keepOne = button("Keep this, remove the rest ", () => this.keepOne());
    keepOne.append(key("⇧P"));
    const distinct = button("Not copies ", () => this.distinct());
    distinct.append(key("D"));
    this.found = element("p", { class: "found", id: "found" });
    this.root = element(
      "section",
      { class: "view", "aria-label": "Groups" },
      element("div", { class: "bar" }, this.kinds, keepOne, distinct, this.found),
      this.column.scroller,
    );
    this.column.scroller.addEventListener("click", (event) => this.clicked(event));
    NARROW.addEventListener("change", () => this.root.isConnected && this.sheetChanged());
  }

  async show() {
    await this.sheetChanged();
    this.column.scroller.focus({ preventScroll: true });
  }

  hide() {}

  async sheetChanged() {
    const kind = address.params.get("of") === "doubtful" ? "doubtful" : "copies";
    this.showKinds(kind);
    const answer = await ask("groups", new URLSearchParams({ kind }));
    this.list = answer.groups;
    this.chances = answer.chances ?? [];
    this.suspicions = answer.suspicions ?? [];
    const nouns = kind === "copies" ? ["group", "groups"] : ["doubtful pair", "doubtful pairs"];
    this.found.textContent = counted(this.list.length, ...nouns) + order(answer);
    this.group = Math.min(this.group, Math.max(0, this.list.length - 1));
    this.member = 0;
    this.column.scroller.dataset.kind = kind;
    this.column.resize(this.list.length, ROW_PX[NARROW.matches ? "copies" : kind]);
    if (!this.list.length) {
      const words = kind === "copies" ? "No two pictures show the same." : "No pair is in doubt.";
      this.column.inner.replaceChildren(element("p", { class: "empty" }, words));
    }
    this.moved();
  }

  showKinds(kind) {
    const kinds = { copies: "Copies", doubtful: "Doubtful pairs" };
    this.kinds.replaceChildren(
      ...Object.entries(kinds).map(([name, text]) =>
        button(text, () => this.choose(name), { "aria-pressed": String(name === kind) }),
      ),
    );
  }

  choose(kind) {
    this.group = 0;
    go("groups", new URLSearchParams(kind === "doubtful" ? { of: "doubtful" } : {}));
    return this.sheetChanged();
  }

  item(group, member) {
    return state.sheet.known.get(this.list[group]?.[member]);
  }

  /** The picture under the cursor. */
  subjects() {
    return [this.item(this.group, this.member)].filter(Boolean);
  }

  row(row) {
    const members = this.list[row];
    const made = element("div", { class: "group", role: "presentation", data: { row } });
    made.append(element("p", { class: "group-head" }));
    const strip = element("div", { class: "strip", role: "presentation" });
    members.forEach((place, member) => {
      const about = { sizes: state.sheet.about.sizes, id: `item-${row}-${member}`, position: member, total: members.length };
      strip.append(tile(this.item(row, member), about));
    });
    made.append(strip);
    this.dress(made, row);
    return made;
  }

  async need(first, last) {
    const missing = this.list
      .slice(first, last)
      .flat()
      .filter((place) => !state.sheet.known.has(place));
    for (let start = 0; start < missing.length; start += 200) {
      await state.sheet.fetchPlaces(missing.slice(start, start + 200));
    }
    if (missing.length) this.refresh();
  }

  refresh() {
    for (const [row, made] of this.column.rows) {
      made.querySelectorAll(".tile").forEach((shown, member) => {
        fill(shown, this.item(row, member), state.sheet.about.sizes);
      });
      this.dress(made, row);
    }
  }

  dress(made, row) {
    const first = this.item(row, 0);
    const preferred = first && first.group === first.image;
    made.classList.toggle("current", row === this.group);
    made.querySelector(".group-head").textContent = first ? this.heading(row, preferred && first.groupNote) : "";
    made.querySelectorAll(".tile").forEach((shown, member) => {
      const isCurrent = row === this.group && member === this.member;
      shown.classList.toggle("current", isCurrent);
      shown.classList.toggle("preferred", Boolean(preferred) && member === 0);
      shown.setAttribute("aria-selected", String(isCurrent));
    });
  }

  heading(row, note) {
    const place = `${number(row + 1)}. `;
    if (row in this.chances) {
      return `${place}One picture with a chance of ${percent(this.chances[row])}; ${this.suspicions[row]}`;
    }
    return place + counted(this.list[row].length, "picture") + (note ? `; the first is preferred: ${note}` : "");
  }

  moved() {
    if (!this.list.length) return;
    this.column.reveal(this.group);
    for (const [row, made] of this.column.rows) this.dress(made, row);
    const current = this.column.rows.get(this.group)?.querySelectorAll(".tile")[this.member];
    current?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.column.scroller.setAttribute("aria-activedescendant", `item-${this.group}-${this.member}`);
  }

  clicked(event) {
    const made = event.target.closest(".tile");
    if (!made) return;
    this.group = Number(made.closest(".group").dataset.row);
    this.member = Number(made.dataset.position);
    this.moved();
  }

  arrow(across, down) {
    if (down) {
      this.group = Math.max(0, Math.min(this.group + down, this.list.length - 1));
      this.member = 0;
    }
    const last = (this.list[this.group]?.length ?? 1) - 1;
    this.member = Math.max(0, Math.min(this.member + across, last));
    this.moved();
  }

  members() {
    return (this.list[this.group] ?? []).map((_, member) => this.item(this.group, member));
  }

  keepOne() {
    const members = this.members();
    if (!members.length || members.includes(undefined)) return;
    record([
      members.map((item, member) =>
        member === this.member
          ? { item, want: "keep", reason: "" }
          : { item, want: "remove", reason: "near_duplicate" },
      ),
    ]);
    say(`${members[this.member].title} kept, ${counted(members.length - 1, "copy", "copies")} removed`);
    this.arrow(0, 1);
  }

  /** Tell all members apart from the first, or the two of a pair from each other. */
  distinct() {
    const [first, ...others] = this.members();
    if (!first || others.includes(undefined)) return;
    record([others.map((pair) => ({ item: first, pair, want: "distinct", reason: "" }))]);
    say(`Told apart: ${counted(others.length, "pair")} in distinct.txt`);
    this.arrow(0, 1);
  }

  /** After a decision the cursor goes to the next member, then to the next group. */
  advance() {
    if (this.member + 1 < this.list[this.group].length) this.arrow(1, 0);
    else this.arrow(0, 1);
  }

  /** The pictures that `compare` should show. */
  toCompare() {
    return this.members()
      .slice(0, 4)
      .filter(Boolean)
      .map((item) => item.id);
  }
}
