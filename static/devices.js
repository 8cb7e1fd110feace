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
