// Files dropped on the form are sent at once; without this script they are chosen by the button.

const form = document.querySelector("#drop");
const told = document.querySelector("#dropped");

const stop = (event) => event.preventDefault();
form?.addEventListener("dragover", (event) => { stop(event); form.classList.add("over"); });
form?.addEventListener("dragleave", () => form.classList.remove("over"));
form?.addEventListener("drop", (event) => {
  stop(event);
  form.classList.remove("over");
  const files = event.dataTransfer?.files;
  if (!files?.length) return;
  form.elements.files.files = files;
  told.textContent = `Sending ${files.length} files`;
  form.requestSubmit();
});
