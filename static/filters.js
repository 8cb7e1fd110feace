// A form of filters: what it asks for stands in the address, and only that.
const KEYS_OFF = "earshot-keys-off";
const form = document.querySelector("[data-filters]");

export function keysAreOff() {
  return localStorage.getItem(KEYS_OFF) !== null;
}

/** The key `/`. */
export function search() {
  form?.elements.q.select();
  return Boolean(form);
}

/** Esc: empties the search, leaves it, or takes the filters off. */
export function leaveSearch(target) {
  if (target.matches("[data-find]") && target.value) target.value = "";
  else if (target.matches("[data-find]")) target.blur();
  else document.querySelector("[data-clear]")?.click();
  return true;
}

form?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value.trim()) formData.delete(name);
});
form?.addEventListener("change", ({ target }) => target.matches("select, [type=date]") && form.requestSubmit());
form?.addEventListener("search", () => form.requestSubmit());
// Chosen before this script was there: what the form shows must be what the list was asked for.
if ([...(form?.querySelectorAll("select") ?? [])].some(isOtherThanLoaded)) form.requestSubmit();

function isOtherThanLoaded({ options, value }) {
  return value !== ([...options].find((option) => option.defaultSelected) ?? options[0])?.value;
}
