// Draws what /state.json says, every two seconds, until the training is over.

const EVERY_MS = 2000;
const WHEN = new Set(["images", "step", "steps", "resolution", "fade"]);
const at = (id) => document.getElementById(id);
let followsNewest = true;
let sheets = [];

function minutes(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function number(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function words(state) {
  if (!("images" in state)) {
    return state.is_training ? "The training begins." : "No training is in progress.";
  }
  if (!state.is_training) {
    return { running: "The training broke off: no process works on it. The same command goes on.",
      stopped: "Stopped; the same command goes on.", ended: "Ended." }[state.state];
  }
  if (state.state === "ended") return "Ended; the model is being written, or another begins.";
  const left = state.seconds_left === null ? "" : `, about ${minutes(state.seconds_left)} left`;
  return `In progress: ${state.spent}${left}.`;
}

function chart(name, points, floor) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const last = document.createElement("b");
  caption.append(name.replaceAll("_", " "), last);
  figure.append(caption);
  last.textContent = number(points.at(-1)[1]);
  const values = points.map(([, value]) => value).concat(floor === undefined ? [] : [floor]);
  const low = Math.min(0, ...values), high = Math.max(...values) || 1;
  const end = points.at(-1)[0] || 1;
  const x = (images) => 100 * images / end;
  const y = (value) => 38 - 36 * (value - low) / (high - low || 1);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${name}: ${number(points[0][1])} at first, ${last.textContent} now`);
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  drawn.setAttribute("points", points.map(([images, value]) => `${x(images)},${y(value)}`).join(" "));
  svg.append(drawn);
  if (floor !== undefined) {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    for (const [key, value] of [["x1", 0], ["x2", 100], ["y1", y(floor)], ["y2", y(floor)]]) {
      line.setAttribute(key, value);
    }
    svg.append(line);
  }
  figure.append(svg);
  return figure;
}

function charts(place, rows, names, floor = {}) {
  place.className = "charts";
  const drawn = names.map((name) => {
    const points = rows.filter((row) => name in row && Number.isFinite(row[name]))
      .map((row) => [row.images, row[name]]);
    return points.length ? chart(name, points, floor[name]) : null;
  });
  place.replaceChildren(...drawn.filter(Boolean));
}

function facts(state) {
  const told = { balance: state.balance, "time so far": minutes(state.seconds),
    "last news": `${minutes(state.age)} ago`, training: state.training };
  at("facts").replaceChildren(...Object.entries(told).filter(([, value]) => value)
    .map(([name, value]) => {
      const pair = document.createElement("div");
      const term = document.createElement("dt"), said = document.createElement("dd");
      term.textContent = name;
      said.textContent = value;
      pair.append(term, said);
      return pair;
    }));
}

function showSheet() {
  const name = sheets[Number(at("when").value)];
  if (!name || at("sheet").dataset.name === name) return;
  at("sheet").dataset.name = name;
  at("sheet").src = `samples/${name}`;
  const images = Number(name.slice(0, 9)).toLocaleString("en");
  at("sheet").alt = `Samples after ${images} images`;
  at("shown").textContent = `after ${images} images`;
}

function samples(state) {
  sheets = state.samples;
  at("when").disabled = sheets.length < 2;
  at("when").max = Math.max(0, sheets.length - 1);
  if (followsNewest) at("when").value = at("when").max;
  showSheet();
  at("classes").hidden = !state.classes.length;
  const newest = sheets.at(-1) ?? "";
  if (state.classes.length && at("class-sheet").dataset.name !== newest) {
    at("class-sheet").dataset.name = newest;
    at("class-sheet").src = `classes.png?${newest}`;
    at("class-sheet").alt = `Samples of ${state.classes.length} classes`;
    at("class-names").replaceChildren(...state.classes.map((name) => {
      const item = document.createElement("li");
      item.textContent = name;
      return item;
    }));
  }
}

function findings(state) {
  at("findings").hidden = !state.findings.length;
  at("findings").querySelector("ul").replaceChildren(...state.findings.map((finding) => {
    const item = document.createElement("li");
    item.textContent = `after ${finding.images.toLocaleString("en")} images: ${finding.rule}: `
      + `${finding.saw}; what usually helps: ${finding.remedy}`;
    return item;
  }));
}

function show(state) {
  document.title = `Training ${state.collection}`;
  at("title").textContent = `Training ${state.collection}`;
  at("state").textContent = words(state);
  if (!("images" in state)) return;
  at("share").value = state.share;
  facts(state);
  samples(state);
  at("judges").textContent = "They have judged no sheet yet.";
  if (state.judged.length) charts(at("judges"), state.judged, ["KID", "KID by MobileNetV2", "sliced Wasserstein"], state.floor);
  const names = state.rows.length ? Object.keys(state.rows.at(-1)).filter((key) => !WHEN.has(key)) : [];
  charts(at("losses"), state.rows, names);
  findings(state);
}

async function poll() {
  try {
    const state = await (await fetch("state.json")).json();
    show(state);
    if (!state.is_training) return;
  } catch (error) {
    at("state").textContent = "Nobody serves this page any more; the last that it was told stands below.";
    console.error(error);
    return;
  }
  setTimeout(poll, EVERY_MS);
}

at("when").addEventListener("input", () => {
  followsNewest = at("when").value === at("when").max;
  showSheet();
});
poll();
