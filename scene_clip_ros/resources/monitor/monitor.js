// The live page: connects the stream with the panels, the timeline and the two boxes.

import { CameraPanel } from "/camera_panel.js";
import { element } from "/elements.js";
import { drawAnswer, drawHits, QuestionForm } from "/question_forms.js";
import { Stream } from "/stream.js";
import { Timeline } from "/timeline.js";

const find = (id) => document.getElementById(id);

const panels = new Map();
const timeline = new Timeline({
  rows: find("timeline-rows"),
  choice: find("timeline-window"),
  words: find("changes"),
});
const search = new QuestionForm({
  form: find("search-form"),
  result: find("search-result"),
  path: "/search",
  draw: drawHits,
  busy: "Searching…",
  service: "scene_clip/query_frames",
});
const question = new QuestionForm({
  form: find("question-form"),
  result: find("question-result"),
  path: "/ask",
  draw: drawAnswer,
  busy: "Thinking…",
  service: "scene_clip/ask",
});

function begin(hello) {
  const names = hello.cameras.map(({ name }) => name);
  if (names.join() !== [...panels.keys()].join()) {
    panels.clear();
    for (const camera of hello.cameras) {
      panels.set(camera.name, new CameraPanel(camera, hello.stale_after_s));
    }
    find("cameras").replaceChildren(...[...panels.values()].map((panel) => panel.root));
    find("cameras").dataset.count = panels.size;
    offerCameras(names);
  }
  timeline.begin(hello);
}

// With several cameras, one of them may be searched and asked about alone.
function offerCameras(names) {
  for (const form of document.querySelectorAll("form")) {
    form.querySelector("[name=camera]")?.closest("label").remove();
    if (names.length > 1) {
      const options = names.map((name) => element("option", { value: name, text: name }));
      const all = element("option", { value: "", text: "all" });
      const choice = element("select", { name: "camera" }, all, ...options);
      form.querySelector("button").before(element("label", { text: "Camera " }, choice));
    }
  }
}

function take(state) {
  const level = panels.get(state.camera)?.take(state);
  if (level) {
    find("announcement").textContent = `${state.camera}: ${level}, ${state.alert.reason}`;
  }
  timeline.take(state.camera, state.changes, state.now_s);
}

const MESSAGES = {
  hello: begin,
  camera: take,
  services: (offered) => {
    search.setOffered(offered.search);
    question.setOffered(offered.ask);
  },
};

new Stream({
  message: (message) => MESSAGES[message.type]?.(message),
  picture: (head, blob) => panels.get(head.camera)?.show(head, blob),
  up: () => {
    find("lost").hidden = true;
    find("connection").textContent = "● live";
    document.body.classList.remove("offline");
  },
  down: (reason) => {
    find("lost").hidden = false;
    find("lost").textContent = reason;
    find("connection").textContent = "○ not connected";
    document.body.classList.add("offline");
    panels.forEach((panel) => panel.lose());
    timeline.lose();
  },
});
