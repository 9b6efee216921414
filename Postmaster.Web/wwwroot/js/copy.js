// Copy buttons: hidden in the page, shown where the clipboard can be written.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const value = button.closest(".copy-box").querySelector(".copy-value");
  const label = button.firstChild;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(value.textContent);
    label.textContent = "Copied";
    setTimeout(() => { label.textContent = "Copy"; }, 2000);
  });
}
