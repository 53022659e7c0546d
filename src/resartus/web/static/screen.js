// Screening by keyboard, and a vote that survives a lost connection.
// Without this script the page's own form does the same work, one load per vote.

import { keep, kept, listen, prepareKeys } from "./keys.js";

const NAMES = ["include", "exclude", "maybe", "later", "undo", "highlights", "note", "text", "help"];
let isPlain = kept("resartus.plain", false);
const times = [];

const one = (selector) => document.querySelector(selector);
const tell = (text) => { one("#told").textContent = text; };

function pace() {
  const place = one("#pace");
  if (!place || times.length < 5) return;
  const seconds = (times.at(-1) - times[0]) / 1000 / (times.length - 1);
  const meter = one("[data-meter] progress");
  const left = meter ? Math.round((meter.max - meter.value) * seconds / 60) : 0;
  place.textContent = ` · ${seconds.toFixed(0)} s each, about ${left} min left at this pace`;
}

function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html").querySelector(".screen");
  if (!next) return false;
  const keysWereOpen = one("#keys")?.open;
  one(".screen").replaceWith(next);
  document.body.classList.toggle("plain-text", isPlain);
  if (keysWereOpen) one("#keys").open = true;
  prepare();
  one("#record").focus({ preventScroll: true });
  window.scrollTo(0, 0);
  return true;
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// The form carries a key of its own: sent twice, the vote counts once.
async function send(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.set(button.name, button.value);
  for (const b of form.querySelectorAll("button")) b.disabled = true;
  for (let turn = 0; ; turn += 1) {
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
      const html = await answer.text();
      if (answer.ok && show(html)) {
        times.push(Date.now());
        if (times.length > 20) times.shift();
        pace();
        return;
      }
      const problem = new DOMParser().parseFromString(html, "text/html").querySelector(".problem");
      tell(problem?.textContent || `The server answered ${answer.status}; nothing was saved.`);
      break;
    } catch {
      tell("No connection: the vote is kept here and sent again by itself.");
      await wait(Math.min(1000 * 2 ** turn, 15000));
    }
  }
  for (const b of form.querySelectorAll("button")) b.disabled = false;
}

function prepare() {
  prepareKeys(NAMES);
  for (const form of [one("#vote"), one("#undo")]) {
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter);
    });
  }
}

function vote(verdict) {
  one(`#vote button[value="${verdict}"]`)?.click();
}

const DOES = {
  include: () => vote("include"),
  exclude: () => vote("exclude"),
  maybe: () => vote("maybe"),
  later: () => one("#later")?.click(),
  undo: () => one("#undo button")?.click(),
  note: () => one("#note")?.focus(),
  text: () => one("#open-text")?.click(),
  help: () => { const box = one("#keys"); box.open = !box.open; },
  highlights: () => {
    isPlain = !isPlain;
    keep("resartus.plain", isPlain);
    document.body.classList.toggle("plain-text", isPlain);
    tell(isPlain ? "Highlights off" : "Highlights on");
  },
};

function reason(number) {
  const box = one(`input[data-number="${number}"]`);
  if (!box) return false;
  box.checked = box.type === "radio" || !box.checked;
  tell(`Reason${box.checked ? "" : " taken off"}: ${box.value}`);
  return true;
}

listen(DOES, { digit: reason });
document.body.classList.toggle("plain-text", isPlain);
prepare();

// Follow what colleagues do; the browser connects again by itself.
const live = one(".screen")?.dataset.live;
if (live && window.EventSource) {
  new EventSource(live).addEventListener("progress", (event) => {
    const stage = one(".screen").dataset.stage;
    const now = JSON.parse(event.data)[stage];
    const meter = one(`[data-meter="${stage}"]`);
    if (!now || !meter) return;
    meter.querySelector("progress").max = now.total || 1;
    meter.querySelector("progress").value = now.decided;
    meter.querySelector("span").textContent = `${now.decided} of ${now.total} judged`;
    one('[data-count="included"]').textContent = now.included;
    one('[data-count="excluded"]').textContent = now.excluded;
  });
}
