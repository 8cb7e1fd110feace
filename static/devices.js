// The link of a new screen: copied, or chosen for copying where the browser lets no page do it.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy-link]");
  if (!button) return;
  const link = document.querySelector("[data-link]");
  link.focus();
  link.select();
  try {
    await navigator.clipboard.writeText(link.value);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Selected";
  }
});

// A name is for one screen, and a link that was taken away is good for nothing any more.
document.addEventListener("htmx:afterRequest", ({ detail, target }) => {
  const name = detail.successful && target.querySelector?.("#screen-name");
  if (name) name.value = name.defaultValue = "";
});
document.addEventListener("earshot:patched", () => {
  const made = document.querySelector("[data-new-link]");
  const row = made && document.getElementById(made.dataset.newLink);
  if (row && row.dataset.kind === undefined) made.remove();
});
