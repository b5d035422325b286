// Asks for the picture at one place of the way, and moves that place.

const STOPS = 9;
const FRAME_MS = 60;
const at = (id) => document.getElementById(id);
const ends = { first: "1", last: "2" };
let drawing = false;
let asked = false;
let forth = 1;

function className() {
  return at("class-choice").hidden ? {} : { class: at("class").value };
}

function place(share) {
  return new URLSearchParams({ from: ends.first, to: ends.last, share, ...className() });
}

function share() {
  return Number(at("share").value) / 100;
}

function say(words) {
  at("state").textContent = words;
}

async function answer(address, options) {
  const said = await (await fetch(address, options)).json();
  if (said.error) throw new Error(said.error);
  return said;
}

function picture(address, alt) {
  const drawn = new Image();
  drawn.src = address;
  drawn.alt = alt;
  return drawn;
}

// One picture at a time: while one is drawn, only the last place that was asked for is kept.
async function draw() {
  at("percent").textContent = `${at("share").value} %`;
  for (const stop of at("stops").children) {
    if (stop.value === at("share").value) stop.setAttribute("aria-current", "true");
    else stop.removeAttribute("aria-current");
  }
  asked = true;
  if (drawing) return;
  drawing = true;
  while (asked) {
    asked = false;
    const percent = at("share").value;
    at("picture").src = `picture.png?${place(share())}`;
    at("picture").alt = `Picture at ${percent} % of the way`;
    await at("picture").decode().catch(() => say("This picture could not be drawn."));
    at("picture").dataset.percent = percent;
  }
  drawing = false;
}

function stops() {
  at("stops").replaceChildren(...Array.from({ length: STOPS }, (_, number) => {
    const percent = Math.round(100 * number / (STOPS - 1));
    const button = document.createElement("button");
    button.type = "button";
    button.value = percent;
    button.append(picture(`picture.png?${place(percent / 100)}`, `Go to ${percent} %`));
    button.addEventListener("click", () => go(percent));
    return button;
  }));
}

function go(percent) {
  at("share").value = percent;
  return draw();
}

async function show(which, of) {
  const form = at(which), words = form.querySelector(".words");
  form.elements.of.value = of;
  words.classList.remove("wrong");
  words.textContent = /^\d+$/.test(of) ? "" : "Looking for the nearest picture; this takes a while.";
  try {
    const query = new URLSearchParams({ of, ...className() });
    const end = await answer(`end.json?${query}`);
    if (form.elements.of.value !== of) return false;
    words.textContent = end.words;
    ends[which] = of;
    const own = which === "first" ? 0 : 1;
    const shown = [picture(`picture.png?${place(own)}`, "What the model draws")];
    if (end.is_image) shown.unshift(picture(`real.png?${query}`, "The image"));
    form.querySelector(".pair").replaceChildren(...shown);
    return true;
  } catch (error) {
    words.classList.add("wrong");
    words.textContent = error.message;
    return false;
  }
}

async function change(which, of) {
  if (await show(which, of)) {
    stops();
    await draw();
  }
}

function another() {
  return String(crypto.getRandomValues(new Uint32Array(1))[0] % 1000000);
}

async function walkOn() {
  const reached = ends.last;
  await show("last", another());
  await show("first", reached);
  stops();
  await go(0);
}

async function save() {
  try {
    const saved = await answer("save", { method: "POST", body: place(share()) });
    at("kept").hidden = false;
    const item = document.createElement("li");
    const command = document.createElement("code");
    command.textContent = saved.again;
    item.append(`${saved.name}: `, command);
    at("kept").querySelector("ul").prepend(item);
    say(`Saved as ${saved.name}.png.`);
  } catch (error) {
    say(error.message);
  }
}

async function play() {
  const button = at("play");
  const plays = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(plays));
  while (button.getAttribute("aria-pressed") === "true") {
    const now = Number(at("share").value);
    if (now >= 100) forth = -1;
    if (now <= 0) forth = 1;
    await go(now + forth);
    await new Promise((done) => setTimeout(done, FRAME_MS));
  }
}

function key(event) {
  const types = event.target.matches("select, input:not([type=range])");
  if (types || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = { s: save, n: walkOn, p: play }[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
}

async function begin() {
  const walk = await answer("walk.json");
  document.title = `A walk in ${walk.model}`;
  at("title").textContent = `A walk between two pictures: ${walk.model}`;
  at("folder").textContent = walk.folder;
  at("class").replaceChildren(...walk.classes.map((name) => new Option(name)));
  at("class-choice").hidden = !walk.classes.length;
  await show("first", ends.first);
  await show("last", ends.last);
  stops();
  await draw();
  at("share").focus();
}

for (const which of ["first", "last"]) {
  at(which).addEventListener("submit", (event) => {
    event.preventDefault();
    change(which, at(which).elements.of.value.trim());
  });
  at(which).elements.another.addEventListener("click", () => change(which, another()));
}
at("share").addEventListener("input", draw);
at("save").addEventListener("click", save);
at("on").addEventListener("click", walkOn);
at("play").addEventListener("click", play);
at("class").addEventListener("change", async () => {
  await show("first", ends.first);
  await show("last", ends.last);
  stops();
  await draw();
});
document.addEventListener("keydown", key);
begin().catch((error) => say(error.message));
