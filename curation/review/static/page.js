// What the server wrote into the page, and small means to build elements from text.

const given = document.body.dataset;

export const collection = given.collection;
export const curator = given.curator;
export const token = given.token;
export const reasons = JSON.parse(given.reasons);
export const labels = JSON.parse(given.labels);

export const byId = (id) => document.getElementById(id);

/** An element with properties and children; texts are never read as markup. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "class") made.className = value;
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && !name.startsWith("aria")) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const button = (text, onclick, properties = {}) =>
  element("button", { type: "button", onclick, ...properties }, text);

export const key = (name) => element("kbd", {}, name);

/** A count with thin spaces between the thousands. */
export const number = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, "\u2009");

export const counted = (value, one, many = `${one}s`) =>
  `${number(value)} ${value === 1 ? one : many}`;

export const labelOf = (reason) => labels[reason] ?? reason;

/** Tell a screen reader, and whoever looks at the foot of the page. */
export function say(text) {
  byId("said").textContent = text;
}

/** A chance in words; what is in doubt is never certain. */
export function percent(chance) {
  if (chance >= 0.995) return "over 99\u00a0%";
  return chance < 0.005 ? "under 1\u00a0%" : `${Math.round(100 * chance)}\u00a0%`;
}
