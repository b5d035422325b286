// The gallery page: the works come as JSON, twenty at first and sixty more at each press, and an
// image is asked for when it comes near the window.
"use strict";

const FIRST = 20;
const STEP = 60;

const content = document.querySelector(".masonry-content");
const list = document.querySelector(".wiki-masonry-container");
const button = document.querySelector("a.masonry-load-more-button");
const counter = document.querySelector("span.count");

const rows = [];
let total = 0;
let page = 0;
let complete = false;

async function fetchUntil(wanted) {
  while (rows.length < wanted && !complete) {
    page += 1;
    const query = `json=2&layout=new&page=${page}&resultType=masonry`;
    const answer = await fetch(`${content.dataset.listing}?${query}`, {
      headers: { "X-Requested-With": "XMLHttpRequest" },
    });
    const listing = await answer.json();
    const works = listing.Paintings || [];
    total = listing.AllPaintingsCount;
    rows.push(...works);
    complete = works.length === 0 || rows.length >= total;
  }
}

// Titles hold entities; a parsed document is inert, so nothing in them is ever run.
function decoded(text) {
  return new DOMParser().parseFromString(text, "text/html").documentElement.textContent;
}

function element(name, className, text) {
  const node = document.createElement(name);
  node.className = className;
  node.textContent = text;
  return node;
}

const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      entry.target.src = entry.target.getAttribute("img-source").slice(1, -1);
      near.unobserve(entry.target);
    }
  },
  { rootMargin: "400px" },
);

const shards = content.dataset.shards.split(" ");

// The host of a picture follows from the length of its path, so that a size is on another one.
function inSize(address, size) {
  const { origin } = new URL(address);
  const derived = `!${size}${address.slice(address.lastIndexOf("."))}`;
  const host = shards[(shards.indexOf(origin) + derived.length) % shards.length];
  return host + address.slice(origin.length) + derived;
}

function itemFor(row) {
  const item = element("li", "ng-scope", "");
  const image = document.createElement("img");
  const source = row.image.includes("/Content/") ? row.image : inSize(row.image, "PinterestSmall");
  image.setAttribute("lazy-load", "");
  image.setAttribute("img-source", `'${source}'`);
  image.src = content.dataset.placeholder;
  image.alt = decoded(row.title);
  image.style.aspectRatio = `${row.width} / ${row.height}`;
  const picture = element("a", "artwork-picture", "");
  picture.href = row.paintingUrl;
  picture.append(image);
  const name = element("a", "artwork-name", decoded(row.title));
  name.href = row.paintingUrl;
  const block = element("div", "title-block", "");
  block.append(name, element("span", "artist-name", decoded(row.artistName)));
  block.append(element("span", "artwork-year", row.year));
  item.append(picture, block);
  near.observe(image);
  return item;
}

async function show(more) {
  button.classList.add("loading");
  const shown = list.childElementCount;
  await fetchUntil(shown + more);
  list.append(...rows.slice(shown, shown + more).map(itemFor));
  const now = list.childElementCount;
  counter.textContent = total === 0 ? "0" : `${now} … ${total}`;
  button.classList.toggle("hide", complete && now >= rows.length);
  button.classList.remove("loading");
}

button.addEventListener("click", (event) => {
  event.preventDefault();
  if (!button.classList.contains("loading")) show(STEP);
});
show(FIRST);
