// One camera: alert, picture with boxes, labels.

import { element, levelIcon, percent, readable, seconds, svg, write } from "/elements.js";

const TAG_HEIGHT = 18;
const RATE_WINDOW_MS = 3000;
const PX_PER_TAG = 90;

export class CameraPanel {
  constructor({ name, topic }, staleAfterS) {
    this.name = name;
    this.topic = topic;
    this.staleAfterS = staleAfterS;
    this.level = null;
    this.head = null;
    this.shownMs = [];
    this.build();
    new ResizeObserver(() => this.drawBoxes()).observe(this.canvas);
  }

  build() {
    this.rate = element("span", { class: "muted" });
    this.banner = element("div", { class: "banner" });
    this.canvas = element("canvas", { width: 640, height: 360, role: "img" });
    this.canvas.setAttribute("aria-label", `Picture of camera ${this.name}`);
    this.overlay = svg("svg", { class: "boxes", "aria-hidden": "true" });
    this.missing = element("p", { class: "missing" });
    this.objects = element("p", { class: "objects muted" });
    this.fault = element("p", { class: "fault" });
    this.fault.hidden = true;
    this.chips = element("ul", { class: "chips", "aria-label": `Labels of camera ${this.name}` });
    this.chipsNote = element("p", { class: "muted" });
    const picture = element("div", { class: "picture" }, this.canvas, this.overlay, this.missing);
    const title = element("h2", { text: this.name });
    this.root = element(
      "article",
      { class: "card camera", "data-camera": this.name },
      element("div", { class: "card-head" }, title, this.rate),
      this.banner,
      picture,
      this.objects,
      this.fault,
      this.chipsNote,
      this.chips,
    );
    this.showAlert({ level: "STALE", reason: "nothing received yet", time_to_contact_s: null });
    this.showMissing(`No picture yet on ${this.topic}`);
  }

  // Takes a state of the camera; returns the level of its alert if it is another one than before.
  take(state) {
    const before = this.level;
    this.showAlert(state.alert);
    this.showLabels(state.labels);
    this.showFault(state.fault);
    this.judgePicture(state.picture_age_s);
    return before === this.level ? null : this.level;
  }

  // Nothing on the page may look fresh when nothing comes any more.
  lose() {
    this.showAlert({ level: "STALE", reason: "connection lost", time_to_contact_s: null });
    this.showMissing("Connection lost");
    this.root.classList.add("stale-labels");
    write(this.chipsNote, "Labels as they were when the connection was lost");
    write(this.rate, "");
  }

  async show(head, blob) {
    let bitmap;
    try {
      bitmap = await createImageBitmap(blob);
    } catch {
      return; // the next one may be whole
    }
    if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
      this.canvas.width = bitmap.width;
      this.canvas.height = bitmap.height;
    }
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0);
    this.canvas.dataset.stamp = head.stamp_ns;
    bitmap.close();
    this.head = head;
    this.drawBoxes();
    this.countPicture();
  }

  countPicture() {
    const now = performance.now();
    this.shownMs = [...this.shownMs.filter((shown) => now - shown < RATE_WINDOW_MS), now];
    if (this.shownMs.length > 2) {
      const rate = ((this.shownMs.length - 1) * 1000) / (now - this.shownMs[0]);
      write(this.rate, `${rate.toFixed(rate < 9.95 ? 1 : 0)} pictures/s`);
    }
  }

  judgePicture(ageS) {
    if (ageS === null) {
      this.showMissing(`No picture yet on ${this.topic}`);
    } else if (ageS > this.staleAfterS) {
      this.showMissing(`No picture for ${Math.round(ageS)} s`);
      write(this.rate, "");
    } else {
      this.showMissing("");
    }
  }

  showMissing(text) {
    write(this.missing, text);
    this.root.classList.toggle("no-picture", text !== "");
  }

  showFault(text) {
    this.fault.hidden = text === "";
    write(this.fault, text && `Malformed data: ${text}`);
  }

  showAlert({ level, reason, time_to_contact_s: contactS }) {
    if (this.level !== level) {
      this.level = level;
      this.reason = element("span", { class: "reason" });
      this.contact = element("span", { class: "contact" });
      const words = element(
        "span",
        { class: "words" },
        element("strong", { class: "level", text: level }),
        this.reason,
      );
      this.banner.dataset.level = level;
      this.banner.replaceChildren(levelIcon(level), words, this.contact);
    }
    write(this.reason, reason);
    write(this.contact, contactS === null ? "" : `${contactS.toFixed(1)} s to contact`);
  }

  showLabels(labels) {
    const isStale = labels === null || labels.stale;
    this.root.classList.toggle("stale-labels", isStale);
    if (labels === null) {
      write(this.chipsNote, "No labels yet");
      return;
    }
    write(this.chipsNote, labels.stale ? `No labels for ${Math.round(labels.age_s)} s` : "");
    const chips = [...labels.attributes.map(attributeWords), ...labels.hazards.map(hazardWords)];
    while (this.chips.children.length > chips.length) {
      this.chips.lastChild.remove();
    }
    chips.forEach((words, index) => fillChip(this.chips.children[index] ?? this.addChip(), words));
  }

  addChip() {
    const chip = element(
      "li",
      { class: "chip" },
      element("span", { class: "chip-name" }),
      element("span", { class: "chip-label" }),
      element("span", { class: "chip-share" }),
      element("span", { class: "chip-held" }),
      element("span", { class: "chip-bar", "aria-hidden": "true" }, element("span")),
    );
    this.chips.append(chip);
    return chip;
  }

  drawBoxes() {
    if (this.head === null) {
      return;
    }
    const size = { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
    this.overlay.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    this.overlay.classList.toggle("late", (this.head.boxes_lag_s ?? 0) > 0);
    this.overlay.replaceChildren(...drawn(this.head, size));
    write(this.objects, summary(this.head));
  }
}

function attributeWords({ name, label, known, probability, held_s: heldS }) {
  const share = known ? percent(probability) : `best fits ${percent(probability)}`;
  return { name, label: readable(label), share, heldS, probability, mark: known ? "" : "unknown" };
}

function hazardWords({ name, active, probability, held_s: heldS }) {
  const mark = active ? "hazard" : "absent";
  return { name, label: active ? "▲ yes" : "no", share: percent(probability), heldS, probability, mark };
}

function fillChip(chip, { name, label, share, heldS, probability, mark }) {
  const [nameText, labelText, shareText, heldText, bar] = chip.children;
  write(nameText, readable(name));
  write(labelText, label);
  write(shareText, share);
  write(heldText, `for ${seconds(Math.floor(heldS))}`.replace(".0 s", " s"));
  bar.firstChild.style.width = `${Math.round((probability ?? 0) * 100)}%`;
  chip.dataset.mark = mark;
}

function summary({ boxes, boxes_lag_s: lagS }) {
  if (lagS === null) {
    return "No boxes for this picture";
  }
  const counts = new Map();
  for (const { label } of boxes) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const kinds = [...counts].map(([label, count]) => `${count} × ${readable(label)}`);
  const found = kinds.length ? `Found: ${kinds.join(", ")}` : "Nothing found in this picture";
  return lagS > 0 ? `${found} (boxes are ${seconds(lagS)} older than the picture)` : found;
}

// Draws zone and boxes; a tag that would cover another one, or is one too many, is left out.
function drawn({ boxes, zone }, { width, height }) {
  const shapes = [];
  if (zone.length > 2) {
    const points = zone.map(([x, y]) => `${x * width},${y * height}`).join(" ");
    shapes.push(svg("polygon", { class: "zone", points }));
  }
  const tags = [];
  const byUrgency = [...boxes].sort((one, other) => other.urgent - one.urgent);
  for (const box of byUrgency) {
    const [left, top, right, bottom] = box.xyxy;
    const place = { x: left * width, y: top * height };
    const extent = { width: (right - left) * width, height: (bottom - top) * height };
    const look = box.urgent ? "box urgent" : "box";
    shapes.push(svg("rect", { class: look, ...place, ...extent }));
    const tag = placeTag(box, { ...place, ...extent }, { width, height }, tags);
    if (tag && tags.length < width / PX_PER_TAG) {
      tags.push(tag);
    }
  }
  return [...shapes, ...tags.map(drawTag)];
}

function placeTag(box, rect, picture, taken) {
  const track = box.track_id === null ? "" : ` #${box.track_id}`;
  const text = `${box.urgent ? "! " : ""}${readable(box.label)} ${percent(box.score)}${track}`;
  const width = text.length * 6.6 + 10;
  const x = Math.max(0, Math.min(rect.x, picture.width - width));
  const rows = [rect.y - TAG_HEIGHT, rect.y + rect.height, rect.y];
  for (const y of rows) {
    const tag = { x, y, width, height: TAG_HEIGHT, text, urgent: box.urgent };
    const isInside = y >= 0 && y + TAG_HEIGHT <= picture.height && width <= picture.width;
    if (isInside && !taken.some((other) => overlap(tag, other))) {
      return tag;
    }
  }
  return null;
}

function overlap(one, other) {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function drawTag({ x, y, width, height, text, urgent }) {
  return svg(
    "g",
    { class: urgent ? "tag urgent" : "tag" },
    svg("rect", { x, y, width, height, rx: 2 }),
    svg("text", { x: x + 5, y: y + 13, text }),
  );
}
