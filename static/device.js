// A screen that was taken away: its figures go at once, and then it asks for the page that says why.
let asking = false;

/** A page that cannot be loaded would be the end of it: it stays until the server answers. */
async function askWhy() {
  if (asking) return;
  asking = true;
  const answer = await fetch(location.href).catch(() => null);
  asking = false;
  if (answer && answer.status < 500) location.reload();
}

function onTick() {
  document.getElementById("main").hidden = true;
  askWhy();
}

document.addEventListener("earshot:connection", ({ detail }) => {
  if (detail.state !== "rights") return;
  onTick();
  document.addEventListener("earshot:tick", onTick);
});
