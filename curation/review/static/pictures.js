// Pictures by the id of their image, and the next ones decoded before they are wanted.

import { collection, element } from "./page.js";

const KEPT = 24;
const kept = new Map();

const path = (kind, item) => `/picture/${collection}/${kind}/${item.image}`;
const symmetryOf = (item) => item.id.split("/")[1];

/** The whole picture, small; a variant as it is drawn from its pixels. */
export function smallOf(item, sizes) {
  const symmetry = symmetryOf(item);
  return symmetry ? `${path(sizes.at(-1), item)}/${symmetry}` : path("thumbnail", item);
}

export const originalOf = (item) => path("original", item);

/** The square that the GAN sees. */
export const squareOf = (item, size) => `${path(size, item)}/${symmetryOf(item) ?? "identity"}`;

export const overlayOf = (name) => `/picture/${collection}/overlay/${encodeURIComponent(name)}`;

export const sampleOf = (number) => `/picture/${collection}/sample/${number}`;

export const altOf = (item) =>
  [item.title, item.creator].filter(Boolean).join(", ") || item.id.slice(0, 8);

/** A picture that may have been decoded already. */
export function ready(src, alt = "") {
  let made = kept.get(src);
  if (!made) {
    made = element("img", { src, alt, decoding: "sync", draggable: false });
    made.decode().catch(() => made.classList.add("broken"));
  }
  kept.delete(src);
  kept.set(src, made);
  for (const [old, image] of kept) {
    if (kept.size <= KEPT) break;
    if (!image.isConnected) kept.delete(old);
    else break;
  }
  made.alt = alt;
  return made;
}
