// Makes elements and writes numbers. Text from outside becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

export function element(tag, { text, ...attributes } = {}, ...children) {
  return filled(document.createElement(tag), text, attributes, children);
}

export function svg(tag, { text, ...attributes } = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), text, attributes, children);
}

function filled(made, text, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  if (text !== undefined) {
    made.textContent = text;
  }
  made.append(...children);
  return made;
}

// Writes to an element only what is new: rewriting the same text costs layout and speech.
export function write(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

export function percent(share) {
  return share === null ? "– %" : `${Math.round(share * 100)} %`;
}

export function seconds(time_s) {
  const digits = time_s < 9.95 ? 1 : 0;
  return `${time_s.toFixed(digits)} s`;
}

export function readable(name) {
  return name.replaceAll("_", " ");
}

// How long ago a frame was, by its camera's clock; its stamp where that is not known.
export function whenOf(hit) {
  if (hit.ago_s === null || hit.ago_s < -1) {
    return `stamp ${(Number(hit.stamp_ns) / 1e9).toFixed(1)} s`;
  }
  return `${seconds(Math.max(0, hit.ago_s))} ago`;
}

const ICONS = {
  CLEAR: "M12 2a10 10 0 1 0 0 20a10 10 0 0 0 0-20zm-1.6 14.4L6 12l1.6-1.6l2.8 2.8l6-6L18 8.8z",
  CAUTION: "M12 2L1 21.5h22zm-1.2 7h2.4v6h-2.4zm0 7.6h2.4V19h-2.4z",
  WARNING: "M7.9 2h8.2L22 7.9v8.2L16.1 22H7.9L2 16.1V7.9zm2.8 4v7.6h2.6V6zm0 9.4V18h2.6v-2.6z",
  STALE: "M6 2h12v4.6L13.4 12l4.6 5.4V22H6v-4.6L10.6 12L6 6.6zm2 2v2l4 4.7L16 6V4z",
};

export const LEVELS = Object.keys(ICONS);

export function levelIcon(level) {
  const shape = svg("path", { d: ICONS[level] ?? ICONS.STALE, "fill-rule": "evenodd" });
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, shape);
}
