// Judge by keys: each act of the page presses its own button, or goes to its field.

import { listen, prepareKeys } from "./keys.js";

const box = document.querySelector("#keys");
// The page names its acts, also those that have no button just now.
const names = document.querySelector("#key-list").dataset.acts.split(" ");
const press = (name) => () => document.querySelector(`[data-act="${name}"]`)?.click();
const does = Object.fromEntries(names.map((name) => [name, press(name)]));
does.help = () => { if (box) box.open = !box.open; };
for (const button of document.querySelectorAll("[data-focus]")) {
  button.addEventListener("click", () => document.getElementById(button.dataset.focus)?.select());
}
listen(does);
prepareKeys(names);
