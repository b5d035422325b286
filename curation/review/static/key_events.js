// Which key does what. Keys do nothing while somebody types, or holds a modifier of the browser's.

import { byId, element, key } from "./page.js";

const TYPING = "input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]";

/** Name, keys and deed of everything that a key can do; `?` shows the names. */
export class Keys {
  constructor(deeds) {
    this.deeds = new Map();
    this.lines = [];
    for (const [words, names, deed] of deeds) {
      this.lines.push([words, names]);
      for (const name of names) this.deeds.set(name, deed);
    }
    addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.matches?.(TYPING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const isPress = event.target.matches?.("button, a, summary, input") && [" ", "Enter"].includes(event.key);
    const name = nameOf(event);
    const deed = isPress ? undefined : this.deeds.get(name);
    if (!deed) return;
    event.preventDefault();
    deed(name);
  }

  help() {
    byId("help-keys").replaceChildren(
      element(
        "dl",
        {},
        ...this.lines.map(([words, names]) =>
          element(
            "div",
            {},
            element("dt", {}, ...names.filter((name) => !name.startsWith("=")).map((name) => key(shown(name)))),
            element("dd", {}, words),
          ),
        ),
      ),
    );
    byId("help").showModal();
  }
}

const SHOWN = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space", PageDown: "PgDn", PageUp: "PgUp" };

const shown = (name) => name.replace("Shift+", "⇧").replace(/[A-Za-z ]+$/, (last) => SHOWN[last] ?? (last.length === 1 ? last.toUpperCase() : last));

function nameOf(event) {
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const isLetter = /^[a-z]$/.test(name);
  return event.shiftKey && (isLetter || name.startsWith("Arrow")) ? `Shift+${name}` : name;
}
