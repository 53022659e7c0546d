// Settings of this browser: theme and keys.

import { prepareKeys } from "./keys.js";

prepareKeys();
const kept = localStorage.getItem("resartus.theme") ?? "";
for (const choice of document.querySelectorAll('[name="theme"]')) {
  choice.checked = choice.value === kept;
  choice.addEventListener("change", () => {
    localStorage.setItem("resartus.theme", choice.value);
    if (choice.value) document.documentElement.dataset.theme = choice.value;
    else delete document.documentElement.dataset.theme;
  });
}
