// Click the points of a survival curve; they are written into the form as they are set.

const one = (id) => document.getElementById(id);
const STEPS = ["the first tick of the x axis", "the second tick of the x axis", "the first tick of the y axis", "the second tick of the y axis"];
const canvas = one("figure");
const pen = canvas?.getContext("2d");
const lens = one("lens")?.getContext("2d");
const image = new Image();
let axes = [], points = [], zoom = 1, cross = { x: 0, y: 0 };

const number = (id) => Number(one(id).value.replace(",", "."));
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

// The axes may lean: two ticks of each give the way from pixels to values.
function coordinates(p) {
  const [a, b, c, d] = axes;
  const u = { x: b.x - a.x, y: b.y - a.y }, v = { x: d.x - c.x, y: d.y - c.y };
  const det = u.x * v.y - u.y * v.x;
  const alongX = ((p.x - a.x) * v.y - (p.y - a.y) * v.x) / det;
  const alongY = (u.x * (p.y - c.y) - u.y * (p.x - c.x)) / det;
  return { t: number("x1") + alongX * (number("x2") - number("x1")), s: number("y1") + alongY * (number("y2") - number("y1")) };
}

function mark(p, isAxis) {
  const x = p.x * zoom, y = p.y * zoom;
  pen.strokeStyle = isAxis ? "#a8501b" : "#0b5c6b";
  pen.lineWidth = 2;
  pen.beginPath();
  if (isAxis) pen.rect(x - 6, y - 6, 12, 12); else pen.arc(x, y, 5, 0, 7);
  pen.stroke();
}

function draw() {
  if (!image.naturalWidth) return;
  canvas.width = image.naturalWidth * zoom;
  canvas.height = image.naturalHeight * zoom;
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  axes.forEach((p) => mark(p, true));
  points.forEach((p) => mark(p, false));
  pen.strokeStyle = "#1d2731";
  pen.setLineDash([4, 4]);
  pen.beginPath();
  pen.moveTo(cross.x * zoom, 0); pen.lineTo(cross.x * zoom, canvas.height);
  pen.moveTo(0, cross.y * zoom); pen.lineTo(canvas.width, cross.y * zoom);
  pen.stroke();
  pen.setLineDash([]);
  lens.imageSmoothingEnabled = false;
  lens.fillStyle = colour("--band");
  lens.fillRect(0, 0, 352, 176);
  lens.drawImage(image, cross.x - 22, cross.y - 11, 44, 22, 0, 0, 352, 176);
  lens.strokeStyle = "#a8501b";
  lens.beginPath();
  lens.moveTo(176, 0); lens.lineTo(176, 176); lens.moveTo(0, 88); lens.lineTo(352, 88);
  lens.stroke();
  const at = axes.length === 4 ? coordinates(cross) : null;
  one("where").textContent = at ? `time ${at.t.toFixed(2)}, survival ${at.s.toFixed(3)}; ${points.length} points` : `pixel ${cross.x.toFixed(0)}, ${cross.y.toFixed(0)}`;
  one("say").textContent = at ? "Click each corner of the curve, from left to right." : `Click ${STEPS[axes.length]}.`;
}

function write() {
  if (axes.length === 4) {
    one("points").value = points.map(coordinates).map((c) => `${c.t.toFixed(5)}, ${c.s.toFixed(6)}`).join("\n");
  }
  draw();
}

function place() {
  (axes.length < 4 ? axes : points).push({ ...cross });
  write();
}
function takeBack() { (points.length ? points : axes).pop(); write(); }
function at(event) {
  const box = canvas.getBoundingClientRect();
  cross = { x: (event.clientX - box.left) / zoom, y: (event.clientY - box.top) / zoom };
}

canvas?.addEventListener("mousemove", (event) => { at(event); draw(); });
canvas?.addEventListener("click", (event) => { at(event); place(); });
canvas?.addEventListener("keydown", (event) => {
  const far = event.shiftKey ? 10 : 1;
  const move = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] }[event.key];
  if (move) { cross.x += move[0]; cross.y += move[1]; draw(); } else if (event.key === "Enter") place(); else if (event.key === "Backspace") takeBack(); else return;
  event.preventDefault();
});
one("closer")?.addEventListener("click", () => { zoom = Math.min(8, zoom * 2); draw(); });
one("farther")?.addEventListener("click", () => { zoom = Math.max(0.25, zoom / 2); draw(); });
one("back")?.addEventListener("click", takeBack);
one("again")?.addEventListener("click", () => { axes = []; draw(); });
for (const id of ["x1", "x2", "y1", "y2"]) one(id)?.addEventListener("input", write);
image.addEventListener("load", () => { one("drawn").hidden = false; axes = []; points = []; draw(); });
one("image")?.addEventListener("change", (event) => {
  const file = event.target.files[0];
  if (!file) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => { image.src = reader.result; });
  reader.readAsDataURL(file);
});
let isSending = false;
one("curve")?.addEventListener("submit", () => { isSending = true; });
// A reload must not lose an hour of clicking.
window.addEventListener("beforeunload", (event) => { if (points.length && !isSending) event.preventDefault(); });
