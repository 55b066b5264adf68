/* Asks how the order stands and shows the page anew when it stands otherwise. */
"use strict";

const standing = document.getElementById("standing");
const EVERY_MS = 2000;

async function look() {
  try {
    const answer = await fetch(standing.dataset.state, { headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (told.stamp !== standing.dataset.stamp) location.reload();
  } catch {
    // no connection now: asked again
  }
}

if (!standing.dataset.final) setInterval(look, EVERY_MS);
