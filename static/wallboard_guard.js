// Loads the wallboard again if its scripts have not run: the server may have gone away while they were on their way.
// It stands alone and comes first, so that nothing of theirs can keep it from running.
const guard = setInterval(async () => {
  if (document.documentElement.dataset.wall) return clearInterval(guard);
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok) location.reload();
}, 10_000);
