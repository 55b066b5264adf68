/* Asks whether the number was answered and shows the page anew when that is decided. */
"use strict";

const question = document.getElementById("question");
const EVERY_MS = 1500;

async function look() {
  try {
    const answer = await fetch(question.dataset.state, { headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (told.standing !== question.dataset.standing) location.reload();
  } catch {
    // no connection now: asked again
  }
}

if (question.dataset.standing === "waiting") setInterval(look, EVERY_MS);
