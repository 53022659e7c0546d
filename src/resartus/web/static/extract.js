// Selected words become the anchor of the value: their text, their report and their place.

const form = document.querySelector("#entry");

function takeSelection() {
  const selection = window.getSelection();
  const words = selection?.toString().trim();
  if (!words || !form) return;
  const start = selection.anchorNode?.parentElement?.closest("[data-place]");
  const end = selection.focusNode?.parentElement?.closest("[data-place]");
  if (!start || start !== end) return;
  form.elements.span.value = words;
  form.elements.place.value = start.dataset.place;
  form.elements.record_id.value = start.closest("[data-record]").dataset.record;
  const number = words.match(/^\D{0,12}?(\d+(?:\.\d+)?)\D{0,12}$/);
  if (number && !form.elements.value.value) form.elements.value.value = number[1];
}

document.addEventListener("mouseup", takeSelection);
document.addEventListener("keyup", (event) => { if (event.shiftKey || event.key === "Shift") takeSelection(); });

// A field still to read is taken up by its button.
for (const button of document.querySelectorAll("[data-field]")) {
  button.addEventListener("click", () => {
    const known = [...form.elements.field.options].some((o) => o.value === button.dataset.field);
    if (known) { form.elements.field.value = button.dataset.field; form.elements.other_field.value = ""; }
    else form.elements.other_field.value = button.dataset.field;
    form.elements.patient.value = button.dataset.patient;
    form.elements.value.focus();
  });
}
