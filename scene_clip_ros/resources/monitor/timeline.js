// What has held during the last minutes: a row per alert, attribute and hazard of every camera.

import { element, LEVELS, readable, seconds } from "/elements.js";

const STEPS_S = [5, 10, 15, 20, 30, 60, 120, 300, 600, 900];
const REDRAW_MS = 500;
const COLOURS = 6;
const LAST_CHANGES = 12;
const KEPT_CHANGES = 400;
const LETTER_PX = 7;

export class Timeline {
  constructor({ rows, choice, words }) {
    this.rows = rows;
    this.choice = choice;
    this.words = words;
    this.cameras = [];
    this.colours = new Map();
    this.choice.addEventListener("change", () => this.draw());
    this.words.closest("details").addEventListener("toggle", () => this.draw());
    addEventListener("resize", () => this.draw());
    setInterval(() => this.draw(), REDRAW_MS);
  }

  // Starts anew: what was told before a reconnection is told again.
  begin(hello) {
    this.cameras = hello.cameras.map(({ name }) => ({ name, rows: [] }));
    this.historyS = hello.history_s;
    this.setNow(hello.now_s);
    this.isLive = true;
    const choices = [60, 120, 300, 900, 3600].filter((windowS) => windowS < hello.history_s);
    const chosen = this.choice.value;
    this.choice.replaceChildren(
      ...[...choices, hello.history_s].map((windowS) =>
        element("option", { value: windowS, text: windowS < 120 ? `${windowS} s` : minutes(windowS) }),
      ),
    );
    this.choice.value = chosen || String(choices[0] ?? hello.history_s);
    this.draw();
  }

  take(camera, changes, nowS) {
    this.setNow(nowS);
    const known = this.cameras.find(({ name }) => name === camera);
    if (known && changes.length) {
      known.rows = keep(known.rows, changes, nowS - this.historyS);
    }
  }

  // While nothing comes, nothing moves: the page cannot know what holds.
  lose() {
    this.isLive = false;
  }

  setNow(nowS) {
    this.nowS = nowS;
    this.nowMs = performance.now();
  }

  now() {
    return this.isLive ? this.nowS + (performance.now() - this.nowMs) / 1000 : this.nowS;
  }

  draw() {
    if (!this.cameras.length || document.hidden) {
      return;
    }
    const windowS = Number(this.choice.value);
    const beginS = this.now() - windowS;
    this.trackPx = this.rows.querySelector(".track")?.clientWidth ?? 0;
    const parts = [];
    for (const camera of this.cameras) {
      if (this.cameras.length > 1) {
        parts.push(element("h3", { text: camera.name }));
      }
      parts.push(...this.drawRows(camera, beginS, windowS));
    }
    parts.push(axis(windowS, this.rows.clientWidth));
    this.rows.replaceChildren(...parts);
    if (this.words.closest("details").open) {
      this.tell();
    }
  }

  drawRows(camera, beginS, windowS) {
    const drawn = camera.rows.map((row) => this.drawRow(row, beginS, windowS)).filter(Boolean);
    return drawn.length ? drawn : [element("p", { class: "muted", text: "Nothing received yet" })];
  }

  drawRow({ kind, name, changes }, beginS, windowS) {
    const endS = beginS + windowS;
    const segments = [];
    changes.forEach((change, index) => {
      const untilS = changes[index + 1]?.time_s ?? endS;
      if (change.value !== null && untilS > beginS) {
        const fromS = Math.max(change.time_s, beginS);
        segments.push(this.drawSegment(kind, name, change.value, { fromS, untilS, beginS, windowS }));
      }
    });
    if (!segments.length && kind !== "alert") {
      return null;
    }
    const title = kind === "alert" ? "pedestrian alert" : readable(name);
    return element(
      "div",
      { class: "row", "data-row": name },
      element("span", { class: "row-name", text: title, title }),
      element("div", { class: "track" }, ...segments),
    );
  }

  drawSegment(kind, name, value, { fromS, untilS, beginS, windowS }) {
    const endS = beginS + windowS;
    const word = kind === "hazard" ? readable(name) : readable(value);
    const span = `${word}: from ${seconds(endS - fromS)} ago, for ${seconds(untilS - fromS)}`;
    const share = (untilS - fromS) / windowS;
    const isRoomy = share * this.trackPx > (word.length + 1) * LETTER_PX;
    const segment = element("span", { class: "segment", text: isRoomy ? word : "", title: span });
    segment.dataset.look = this.lookOf(kind, name, value);
    segment.style.left = `${((fromS - beginS) / windowS) * 100}%`;
    segment.style.width = `${share * 100}%`;
    return segment;
  }

  // Colours only tell neighbours apart, the word says what holds.
  lookOf(kind, name, value) {
    if (kind === "alert") {
      return LEVELS.includes(value) ? value : "STALE";
    }
    if (kind === "hazard") {
      return "hazard";
    }
    if (value === "unknown") {
      return "unknown";
    }
    const seen = this.colours.get(name) ?? [];
    this.colours.set(name, seen);
    if (!seen.includes(value)) {
      seen.push(value);
    }
    return `label-${seen.indexOf(value) % COLOURS}`;
  }

  // The same in words, for whoever does not see or does not want to read bars.
  tell() {
    const told = [];
    for (const camera of this.cameras) {
      for (const { kind, name, changes } of camera.rows) {
        changes.forEach((change, index) => {
          if (index > 0) {
            told.push({ camera, kind, name, change, before: changes[index - 1].value });
          }
        });
      }
    }
    told.sort((one, other) => other.change.time_s - one.change.time_s);
    const items = told.slice(0, LAST_CHANGES).map((item) => this.changeItem(item));
    this.words.replaceChildren(...items);
  }

  changeItem({ camera, name, kind, change, before }) {
    const place = this.cameras.length > 1 ? `${camera.name}, ` : "";
    const row = kind === "alert" ? "pedestrian alert" : readable(name);
    const agoS = Math.max(0, this.now() - change.time_s);
    const none = kind === "hazard" ? "no" : "nothing known";
    const said = ` ${place}${row}: ${readable(before ?? none)} → ${readable(change.value ?? none)}`;
    return element("li", {}, element("span", { class: "muted", text: `${seconds(agoS)} ago` }), said);
  }
}

// Adds changes to the rows and drops what no longer shows; as the node does, a row's last change
// before the history stays, because it holds on.
function keep(rows, changes, beginS) {
  const found = new Map(rows.map((row) => [`${row.kind} ${row.name}`, row]));
  for (const change of changes) {
    const key = `${change.kind} ${change.row}`;
    const row = found.get(key) ?? { kind: change.kind, name: change.row, changes: [] };
    found.set(key, { ...row, changes: [...row.changes, change].slice(-KEPT_CHANGES) });
  }
  const order = ["alert", "attribute", "hazard"];
  return [...found.values()]
    .map((row) => ({ ...row, changes: fromLastBefore(beginS, row.changes) }))
    .filter(({ changes }) => changes.at(-1).value !== null || changes.at(-1).time_s > beginS)
    .sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
}

function fromLastBefore(beginS, changes) {
  const first = changes.findIndex((_, index) => !(changes[index + 1]?.time_s <= beginS));
  return changes.slice(first);
}

function axis(windowS, widthPx) {
  const most = widthPx < 500 ? 3 : 6;
  const stepS = STEPS_S.find((step) => windowS / step <= most) ?? windowS;
  const ticks = [];
  for (let agoS = 0; agoS <= windowS; agoS += stepS) {
    const tick = element("span", { class: "tick", text: agoS ? `${agoS} s ago` : "now" });
    tick.style.left = `${(1 - agoS / windowS) * 100}%`;
    ticks.push(tick);
  }
  return element("div", { class: "row axis" }, element("span", { class: "row-name" }), element("div", { class: "track" }, ...ticks));
}

function minutes(timeS) {
  return timeS % 60 ? `${timeS} s` : `${timeS / 60} min`;
}
