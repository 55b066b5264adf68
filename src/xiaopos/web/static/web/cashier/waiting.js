"use strict";
// Loads the page again when the outcome of the payment that it shows has changed.
const refreshing = document.getElementById("refreshing");
if (refreshing) {
  const look = async () => {
    try {
      const answer = await fetch(refreshing.dataset.state, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).outcome !== refreshing.dataset.outcome) {
        location.reload();
        return;
      }
    } catch {
      // offline: look again later
    }
    setTimeout(look, 1500);
  };
  setTimeout(look, 1500);
}
