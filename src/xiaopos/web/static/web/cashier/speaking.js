"use strict";
// The voice: each result once, with a tone of its own before it, and the last one again when asked.

const TONES = { received: [660, 880], given_back: [660, 440], failed: [330] }; // Hz, one after the other
const NOTE_S = 0.12;
const SAID = "xiaopos.said"; // the payments whose result this tab has said aloud; survives a reload
const MOST_SAID = 50;
const voice = document.getElementById("voice");
const replay = document.getElementById("replay");
let lastSaid = null; // {sentence, tone}

if (voice) {
  voice.checked = localStorage.getItem("xiaopos.voice") === "on";
  voice.addEventListener("change", () => localStorage.setItem("xiaopos.voice", voice.checked ? "on" : "off"));
}

const heardBefore = () => JSON.parse(sessionStorage.getItem(SAID) ?? "[]");

function speak(id, told, late = false) {
  const sentence = late ? told.spoken_late : told.spoken;
  if (!sentence || heardBefore().includes(id)) return;
  lastSaid = { sentence, tone: told.tone };
  replay.hidden = !("speechSynthesis" in window);
  if (localStorage.getItem("xiaopos.voice") !== "on") return;
  sessionStorage.setItem(SAID, JSON.stringify([...heardBefore(), id].slice(-MOST_SAID)));
  utter(lastSaid);
}

function utter({ sentence, tone }) {
  if (!("speechSynthesis" in window)) return;
  sound(TONES[tone] ?? []);
  const text = new SpeechSynthesisUtterance(sentence);
  text.lang = document.documentElement.lang.startsWith("en") ? "en" : "zh-CN";
  speechSynthesis.speak(text);
}

let speaker = null;

function sound(notes) {
  try {
    speaker ??= new AudioContext();
    notes.forEach((pitch, place) => {
      const note = speaker.createOscillator();
      note.frequency.value = pitch;
      note.connect(speaker.destination);
      note.start(speaker.currentTime + place * NOTE_S);
      note.stop(speaker.currentTime + (place + 1) * NOTE_S);
    });
  } catch {
    // a device without sound: the screen tells
  }
}

// Asked for by a hand, so it is said with the voice switched off too. It begins with "again", lest it pass for another payment.
replay.addEventListener("click", () => lastSaid && utter({ ...lastSaid, sentence: replay.dataset.again + lastSaid.sentence }));

// A page that shows what was given back says it by itself, when it is new.
const sayNow = document.getElementById("say-now");
if (sayNow) speak(sayNow.dataset.payment, sayNow.dataset);
