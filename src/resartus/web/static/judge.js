// Judge pairs by keys: each act presses its own button.

import { listen, prepareKeys } from "./keys.js";

const names = ["same", "different", "related", "undo", "help"];
const press = (name) => () => document.querySelector(`[data-act="${name}"]`)?.click();
const does = Object.fromEntries(names.map((name) => [name, press(name)]));
does.help = () => { const box = document.querySelector("#keys"); if (box) box.open = !box.open; };
listen(does);
prepareKeys(names);
