"use strict";
// Walking in the network: without this the drawing stands still, and every circle is a link to what it stands for.

const web = document.querySelector("[data-web]");
const panel = document.querySelector("[data-panel]");
const things = web ? [...web.querySelectorAll("[data-node]")] : [];
const lines = web ? [...web.querySelectorAll(".lines line")] : [];
const byNode = new Map(things.map((one) => [one.dataset.node, one]));
const told = panel ? [...panel.childNodes] : [];

const near = new Map();
for (const line of lines) {
  for (const [one, other] of [[line.dataset.a, line.dataset.b], [line.dataset.b, line.dataset.a]]) {
    if (!near.has(one)) near.set(one, new Map());
    near.get(one).set(other, line);
  }
}

// What is looked at stands out with all it is linked to.
function look(thing) {
  const mine = thing ? near.get(thing.dataset.node) ?? new Map() : new Map();
  web.classList.toggle("looking", Boolean(thing));
  for (const one of things) one.classList.toggle("near", one === thing || mine.has(one.dataset.node));
  const linked = new Set(mine.values());
  for (const line of lines) line.classList.toggle("near", linked.has(line));
}

// The facts of the chosen one come into the panel; the address remembers which it is.
let chosen = null;
let asking = null;

function remember(id) {
  const address = new URL(location.href);
  if (id) address.searchParams.set("at", id); else address.searchParams.delete("at");
  history.replaceState(history.state, "", address);
}

async function choose(thing) {
  chosen = thing;
  for (const one of things) one.classList.toggle("is-at", one === thing);
  asking?.abort();
  if (!thing) {
    panel.replaceChildren(...told);
    remember(null);
    return;
  }
  if (!thing.classList.contains("dot")) return;
  asking = new AbortController();
  const address = new URL(web.dataset.card, location.href);
  address.searchParams.set("at", thing.dataset.node);
  try {
    const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    panel.replaceChildren(...page.body.childNodes);
    panel.scrollTop = 0;
    remember(thing.dataset.node);
  } catch (error) {
    if (error.name === "AbortError") return;
    const said = document.createElement("p");
    said.className = "notice bad";
    said.textContent = "服务没有回应。请确认它还在运行，再试一次。";
    panel.replaceChildren(said);
  }
}

// Tab comes to one circle; the arrows lead on from there, along the links first.
function middle(thing) {
  const circle = thing.querySelector("circle");
  return [Number(circle.getAttribute("cx")), Number(circle.getAttribute("cy"))];
}

const TURNS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

function onward(thing, [right, down]) {
  const [x, y] = middle(thing);
  const mine = near.get(thing.dataset.node) ?? new Map();
  let best = null;
  let least = Infinity;
  for (const one of things) {
    if (one === thing) continue;
    const [a, b] = middle(one);
    const along = (a - x) * right + (b - y) * down;
    const aside = Math.abs((a - x) * down) + Math.abs((b - y) * right);
    if (along <= 0 || aside > 2.2 * along) continue;
    const cost = (along + 1.5 * aside) * (mine.has(one.dataset.node) ? 1 : 3);
    if (cost < least) { least = cost; best = one; }
  }
  return best;
}

function reach(thing) {
  for (const one of things) one.setAttribute("tabindex", one === thing ? "0" : "-1");
}

// Looking closer: the drawing keeps its letters' size and finds room for more names.
const size = web ? { width: web.viewBox.baseVal.width, height: web.viewBox.baseVal.height } : null;
const sight = { x: 0, y: 0, zoom: 1 };

function show() {
  const wide = size.width / sight.zoom;
  const high = size.height / sight.zoom;
  sight.x = Math.min(Math.max(sight.x, -wide / 2), size.width - wide / 2);
  sight.y = Math.min(Math.max(sight.y, -high / 2), size.height - high / 2);
  web.setAttribute("viewBox", `${sight.x} ${sight.y} ${wide} ${high}`);
  web.style.setProperty("--zoom", sight.zoom);
}

function zoomTo(zoom, x = sight.x + size.width / sight.zoom / 2, y = sight.y + size.height / sight.zoom / 2) {
  const next = Math.min(8, Math.max(1, zoom));
  sight.x = x - (x - sight.x) * sight.zoom / next;
  sight.y = y - (y - sight.y) * sight.zoom / next;
  sight.zoom = next;
  if (next === 1) sight.x = sight.y = 0;
  show();
  name();
}

function name() {
  const taken = [];
  const offset = (gap) => gap / sight.zoom;
  for (const thing of things) {
    const text = thing.querySelector("text:not(.inside, .size)");
    if (!text) continue;
    const circle = thing.querySelector("circle");
    const [x, y] = middle(thing);
    const r = Number(circle.getAttribute("r"));
    const anchor = text.getAttribute("text-anchor");
    const below = anchor === "middle";
    const wide = offset(text.textContent.length * 12.5);
    const above = below && (text.dataset.above ??= String(Number(text.getAttribute("y")) < y)) === "true";
    text.setAttribute("x", anchor === "start" ? x + r + offset(5) : anchor === "end" ? x - r - offset(5) : x);
    text.setAttribute("y", below ? (above ? y - r - offset(6) : y + r + offset(14)) : y + offset(4.5));
    const left = anchor === "start" ? x + r : anchor === "end" ? x - r - wide : x - wide / 2;
    const base = Number(text.getAttribute("y"));
    const box = [left, base - offset(12), left + wide, base + offset(4)];
    const free = taken.every(([a, b, c, d]) => box[2] < a || box[0] > c || box[3] < b || box[1] > d);
    text.classList.toggle("spare", !free);
    if (free) taken.push(box);
  }
}

function point(event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(web.getScreenCTM().inverse());
  return [at.x, at.y];
}

if (web) {
  const corner = document.createElement("span");
  corner.className = "zoom";
  for (const [sign, label, act] of [
    ["＋", "放大", () => zoomTo(sight.zoom * 1.5)],
    ["－", "缩小", () => zoomTo(sight.zoom / 1.5)],
    ["⤢", "看全图", () => zoomTo(1)],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    corner.append(button);
  }
  web.parentElement.querySelector("figcaption").append(corner);

  web.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoomTo(sight.zoom * Math.exp(-event.deltaY / 300), ...point(event));
  }, { passive: false });

  let from = null;
  let moved = false;
  web.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    from = point(event);
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = point(event);
    if (!moved && Math.hypot(x - from[0], y - from[1]) * sight.zoom < 5) return;
    moved = true;
    web.classList.add("grabbing");
    sight.x += from[0] - x;
    sight.y += from[1] - y;
    show();
  });
  addEventListener("pointerup", () => { from = null; web.classList.remove("grabbing"); });
  web.addEventListener("dragstart", (event) => event.preventDefault());

  for (const thing of things) {
    thing.addEventListener("pointerenter", () => { if (!from) look(thing); });
    thing.addEventListener("pointerleave", () => look(document.activeElement === thing ? thing : chosen));
    thing.addEventListener("focus", () => { reach(thing); look(thing); });
    thing.addEventListener("blur", () => look(chosen));
  }

  // The first click tells of a project, the second walks to it; a community is walked into at once.
  web.addEventListener("click", (event) => {
    const thing = event.target.closest("[data-node]");
    if (moved) { event.preventDefault(); return; }
    if (!thing) { if (chosen) { choose(null); look(null); } return; }
    // A key's click has no pointer: Enter opens.
    if (event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!thing.classList.contains("dot") || thing === chosen) return;
    event.preventDefault();
    thing.focus({ preventScroll: true });
    choose(thing);
    look(thing);
  });

  let waiting = 0;
  web.addEventListener("keydown", (event) => {
    const turn = TURNS[event.key];
    const thing = event.target.closest("[data-node]");
    if (!turn || !thing || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = onward(thing, turn);
    if (!next) return;
    next.focus({ preventScroll: true });
    clearTimeout(waiting);
    waiting = setTimeout(() => choose(next), 250);
  });

  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
    if (chosen) { choose(null); look(null); return; }
    const up = document.querySelector("[data-up]");
    if (up) location.assign(up.href);
  });

  chosen = web.querySelector(".is-at:not(.centre)");
  const first = web.querySelector(".is-at, .centre, .found") ?? things[0];
  if (first) reach(first);
  if (chosen) look(chosen);
}
