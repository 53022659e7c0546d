// Single keys: which does what is kept in this browser, and they can be switched off.

export const USUAL = {
  include: "i y r", exclude: "e n", maybe: "u m", later: "s", next: "j arrowdown", previous: "k arrowup",
  undo: "z", highlights: "h", note: "t", text: "o", help: "?", same: "s", different: "d", related: "r",
  accept: "a", correct: "c", reject: "r x",
};
export const WORDS = {
  include: "Include", exclude: "Exclude", maybe: "Maybe", later: "Later", next: "Next in a list",
  previous: "Previous in a list", undo: "Undo my last", highlights: "Highlights on or off",
  note: "Write a note", text: "Open the full text", help: "Show the keys", same: "Same report",
  different: "Different reports", related: "Related reports",
  accept: "Enter the suggested value", correct: "Correct the suggested value", reject: "Turn the suggestion down",
};

export const kept = (name, fallback) => {
  try { return JSON.parse(localStorage.getItem(name)) ?? fallback; } catch { return fallback; }
};
export const keep = (name, value) => {
  try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* this page keeps them */ }
};

let keys = { ...USUAL, ...kept("resartus.keys", {}) };
let isOn = kept("resartus.keys-on", true);

// Listen for the keys of the acts that a page knows; digits go to their own act.
export function listen(does, { digit } = {}) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (typing && event.key === "Escape") { event.target.blur(); return; }
    if (!isOn || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (digit && /^[1-9]$/.test(key)) { if (digit(key)) event.preventDefault(); return; }
    for (const [name, act] of Object.entries(does)) {
      if (keys[name]?.split(/\s+/).includes(key)) { event.preventDefault(); act(); return; }
    }
  });
}

// Draw a list in which the keys of some acts can be changed.
export function drawKeys(list, names = Object.keys(WORDS)) {
  list?.replaceChildren(...names.flatMap((name) => {
    const term = document.createElement("dt");
    const label = document.createElement("label");
    label.textContent = WORDS[name];
    label.htmlFor = `key-${name}`;
    label.className = "check";
    term.append(label);
    const detail = document.createElement("dd");
    const input = document.createElement("input");
    input.id = `key-${name}`;
    input.value = keys[name];
    input.addEventListener("change", () => {
      keys[name] = input.value.trim().toLowerCase() || USUAL[name];
      input.value = keys[name];
      keep("resartus.keys", keys);
    });
    detail.append(input);
    return [term, detail];
  }));
}

// The box beside a page's work: its keys, the switch, and the way back to the usual ones.
export function prepareKeys(names) {
  const list = document.querySelector("#key-list");
  drawKeys(list, names);
  const on = document.querySelector("#keys-on");
  if (on) {
    on.checked = isOn;
    on.addEventListener("change", () => { isOn = on.checked; keep("resartus.keys-on", isOn); });
  }
  document.querySelector("#keys-reset")?.addEventListener("click", () => {
    keys = { ...USUAL };
    keep("resartus.keys", keys);
    drawKeys(list, names);
  });
}
