// The search box and the question box: ask the services through the node, show what they say.

import { element, percent, whenOf } from "/elements.js";

export class QuestionForm {
  // draw: makes elements of an answer; busy: what is said meanwhile
  constructor({ form, result, path, draw, busy, service }) {
    Object.assign(this, { form, result, path, draw, busy, service });
    this.asked = 0;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
  }

  // Says beforehand that nobody would answer.
  setOffered(isOffered) {
    this.form.classList.toggle("unoffered", !isOffered);
    if (!isOffered && !this.asked) {
      this.say("problem", `Not available now: nobody offers the service ${this.service}.`);
    } else if (isOffered && !this.asked) {
      this.result.replaceChildren();
    }
  }

  async ask() {
    const number = ++this.asked;
    this.abort?.abort();
    this.abort = new AbortController();
    this.say("muted", this.busy);
    this.result.setAttribute("aria-busy", "true");
    const answer = await this.fetchAnswer(this.abort.signal);
    if (number !== this.asked) {
      return;
    }
    this.result.removeAttribute("aria-busy");
    if (answer.error) {
      this.say("problem", answer.error);
    } else {
      this.result.replaceChildren(...this.draw(answer));
    }
  }

  async fetchAnswer(signal) {
    const { window_s: windowS, ...texts } = Object.fromEntries(new FormData(this.form));
    try {
      const response = await fetch(this.path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...texts, window_s: Number(windowS) }),
        signal,
      });
      return await response.json();
    } catch {
      return { error: "The page's server cannot be reached. Is the node running?" };
    }
  }

  say(look, text) {
    this.result.replaceChildren(element("p", { class: look, text }));
  }
}

export function drawHits({ message, nothing_matches: nothingMatches, hits, searched }) {
  const lines = [];
  if (nothingMatches) {
    const text = message || "nothing matches";
    lines.push(element("p", { class: "problem", text: `${text[0].toUpperCase()}${text.slice(1)}.` }));
    if (hits.length) {
      lines.push(element("p", { class: "muted", text: "The nearest frames all the same:" }));
    }
  } else {
    const count = `${hits.length} of ${searched} frames, best first`;
    lines.push(element("p", { class: "muted", text: count }));
  }
  return [...lines, frames(hits, scoreOf)];
}

export function drawAnswer({ answered, answer, confidence, backend, kind, evidence, message }) {
  const text = answer || message || "No answer";
  const lines = [element("p", { class: answered ? "answer" : "answer untold", text })];
  const facts = [
    answered ? `Confidence ${percent(confidence)}` : "Cannot tell",
    kind && `kind of question: ${kind}`,
    backend && `answered by: ${backend}`,
  ];
  lines.push(element("p", { class: "muted", text: facts.filter(Boolean).join(" · ") }));
  if (evidence.length) {
    lines.push(element("p", { class: "muted", text: "Frames that support it most, best first:" }));
  }
  return [...lines, frames(evidence, () => "")];
}

function scoreOf({ score, z }) {
  const cosine = score === null ? "" : `cosine ${score.toFixed(2)}`;
  return z === null ? cosine : `${cosine}, ${Math.abs(z).toFixed(1)} σ ${z < 0 ? "below" : "above"} mean`;
}

function frames(hits, words) {
  return element("ol", { class: "hits" }, ...hits.map((hit) => frame(hit, words(hit))));
}

function frame(hit, words) {
  const when = `${whenOf(hit)}, ${hit.camera}`;
  const caption = element("figcaption", {}, element("span", { text: when }));
  if (words) {
    caption.append(element("span", { class: "muted", text: words }));
  }
  const picture = hit.thumbnail
    ? element("img", { src: `data:image/jpeg;base64,${hit.thumbnail}`, alt: `Frame of ${when}` })
    : element("span", { class: "no-thumbnail", text: "no picture kept" });
  return element("li", {}, element("figure", {}, picture, caption));
}
