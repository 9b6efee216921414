// A mail dropped on the form goes into its file field and is sent; too large a file is refused before it travels.
const form = document.querySelector("form[data-drop]");
const field = form.querySelector("input[type=file]");

function check() {
  const [file] = field.files;
  field.setCustomValidity(file && file.size > Number(form.dataset.most) ? "This file is larger than the mails that are checked here." : "");
  return field.reportValidity();
}

form.querySelector("[data-drop-hint]").hidden = false;
field.addEventListener("change", check);
for (const kind of ["dragenter", "dragover"]) {
  form.addEventListener(kind, (event) => {
    if (event.dataTransfer.types.includes("Files")) {
      event.preventDefault();
      form.classList.add("dropping");
    }
  });
}
for (const kind of ["dragleave", "drop"]) {
  form.addEventListener(kind, () => form.classList.remove("dropping"));
}
form.addEventListener("drop", (event) => {
  if (event.dataTransfer.files.length > 0) {
    event.preventDefault();
    field.files = event.dataTransfer.files;
    if (check()) {
      form.requestSubmit();
    }
  }
});
