// A list by keys: J and K go along its links, Enter opens one.

import { listen } from "./keys.js";

const links = [...document.querySelectorAll(".records h2 a")];
const go = (by) => () => {
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
};
listen({ next: go(1), previous: go(-1) });
