"use strict";
// The counter. The payment's number is made here and kept before anything is sent, so that whatever happens to this page
// the same payment is asked about again and never charged twice. A customer's payment code is never kept.

const setup = JSON.parse(document.getElementById("setup").textContent);
const words = setup.words;
const byId = (id) => document.getElementById(id);
const KEPT = "xiaopos.payment";
const sections = ["keypad", "scan", "card", "result"];
let minor = 0;
let current = null; // {id, amount, means}
let asking = 0; // counts rounds of asking: an older round stops when it sees a newer one
let card = null; // {reference, cancelled}
let spoken = new Set();
let unsent = false; // the last sale never left this device: its amount is kept for another try

const money = (value) => "¥" + (value / 100).toFixed(2);

function show(name) {
  for (const id of sections) byId(id).hidden = id !== name;
  for (const place of document.querySelectorAll("[data-amount]")) place.textContent = money(minor);
}

function newId() {
  // UUID version 7: 48 bits of milliseconds, version, random, variant, random.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let at = Date.now();
  for (let place = 5; place >= 0; place--) {
    bytes[place] = at % 256;
    at = Math.floor(at / 256);
  }
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function keep(payment) {
  current = payment;
  localStorage.setItem(KEPT, JSON.stringify(payment));
}

function forget() {
  current = null;
  localStorage.removeItem(KEPT);
}

// -- the keypad ---------------------------------------------------------------------------------------------------------
function setAmount(value) {
  minor = value;
  byId("amount").textContent = money(minor);
  byId("amount").classList.toggle("long", minor >= 1e7);
  byId("hint").textContent = "";
}

function press(digits) {
  const next = Number(String(minor) + digits);
  if (next < 1e11) setAmount(next);
}

for (const key of document.querySelectorAll("[data-digit]")) key.addEventListener("click", () => press(key.dataset.digit));
byId("back").addEventListener("click", () => setAmount(Math.floor(minor / 10)));

function needAmount() {
  if (minor > 0) return false;
  byId("hint").textContent = words.amount_first;
  return true;
}

for (const means of document.querySelectorAll("[data-means]")) means.addEventListener("click", () => start(means.dataset.means));
for (const leave of document.querySelectorAll("[data-leave]")) leave.addEventListener("click", () => { stopCamera(); show("keypad"); });

function start(means) {
  if (current || needAmount()) return;
  if (means === "payer_code") {
    show("scan");
    byId("code").value = "";
    byId("code").focus();
  } else if (means === "shop_code") {
    send({ means: "shop_code" });
  } else {
    askCard();
  }
}

// -- a scanner that types -------------------------------------------------------------------------------------------------
// A scanner types the code and Enter without a pause. Every digit goes to the amount at once; a long row that ends in Enter
// was a code, and the amount is again what it was before the row. The browser's own time stamps are compared, so a slow
// page does not tear a row apart.
const ROW_GAP_MS = 400;
const CODE_DIGITS = 16;
const TORN_DIGITS = 8;
let row = { digits: "", before: 0, at: 0 };

document.addEventListener("keydown", (event) => {
  const inField = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement?.tagName);
  if (inField || event.ctrlKey || event.metaKey || event.altKey || byId("keypad").hidden) return;
  if (/^[0-9]$/.test(event.key)) {
    if (event.timeStamp - row.at > ROW_GAP_MS) row = { digits: "", before: minor, at: 0 };
    row.digits += event.key;
    row.at = event.timeStamp;
    press(event.key);
  } else if (event.key === "Enter" && row.digits.length >= TORN_DIGITS && event.timeStamp - row.at <= ROW_GAP_MS) {
    event.preventDefault();
    const { digits, before } = row;
    row = { digits: "", before: 0, at: 0 };
    setAmount(before);
    if (digits.length < CODE_DIGITS) byId("hint").textContent = words.scan_wait;
    else if (!current && !needAmount()) send({ means: "payer_code", code: digits });
  } else if (event.key === "Backspace") {
    setAmount(Math.floor(minor / 10));
  }
});

byId("code-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const code = byId("code").value.replace(/\s/g, "");
  if (!code || current) return;
  byId("code").value = "";
  stopCamera();
  send({ means: "payer_code", code });
});

// -- the camera, where the browser can read codes -------------------------------------------------------------------------
let stream = null;
if ("BarcodeDetector" in window && navigator.mediaDevices) byId("camera").hidden = false;
byId("camera").addEventListener("click", async () => {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const video = byId("video");
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const detector = new BarcodeDetector({ formats: ["qr_code", "code_128"] });
    while (stream) {
      const found = await detector.detect(video);
      if (found.length) {
        byId("code").value = found[0].rawValue;
        byId("code-form").requestSubmit();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  } catch {
    byId("hint").textContent = words.camera_failed;
    stopCamera();
  }
});

function stopCamera() {
  if (stream) for (const track of stream.getTracks()) track.stop();
  stream = null;
  byId("video").hidden = true;
}

// -- asking the house -----------------------------------------------------------------------------------------------------
async function send({ means, code }) {
  if (!navigator.onLine) return notSent();
  keep({ id: newId(), amount: minor, means });
  render({ outcome: "waiting", title: words.sending, money: words.unknown_money, next: words.unknown_next, amount: money(minor) });
  const body = { payment_id: current.id, amount_minor: minor, means };
  if (code) body.code = code;
  let answer;
  try {
    answer = await fetch(setup.take, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("#token input").value },
      body: JSON.stringify(body),
    });
  } catch {
    return askLater();
  }
  await take(answer);
}

async function take(answer) {
  let told;
  try {
    told = await answer.json();
  } catch {
    return answer.status >= 500 || answer.redirected ? askLater() : refuse();
  }
  if (told.outcome === "refused") return finish(told);
  render(told);
  if (told.final) finish(told);
  else askLater();
}

function notSent() {
  finish({ outcome: "refused", final: true, title: words.offline_title, money: words.offline_money, next: words.offline_next, amount: money(minor) });
  unsent = true;
}

function refuse() {
  finish({ outcome: "refused", final: true, title: words.problem, money: words.none_moved, next: "", amount: money(minor) });
}

async function askLater() {
  const round = ++asking;
  let missing = 0;
  const since = Date.now();
  while (current && round === asking) {
    await new Promise((resolve) => setTimeout(resolve, Date.now() - since < 20000 ? 1000 : 2500));
    if (!current || round !== asking) return;
    try {
      const answer = await fetch(setup.payments + current.id + ".json", { headers: { Accept: "application/json" } });
      if (answer.status === 404) {
        // The request never arrived: after a while nothing can be under way any more.
        if (++missing > 8) return notSent();
      } else if (answer.status === 401) {
        // Signed out meanwhile: the payment stays kept here, and is asked about again after signing in.
        const told = await answer.json();
        render({ ...told, outcome: "unknown", final: false, money: words.unknown_money, amount: money(current.amount) });
      } else if (answer.ok) {
        const told = await answer.json();
        render(told);
        if (told.final) return finish(told);
      }
    } catch {
      unknown();
    }
  }
}

function unknown() {
  render({ outcome: "unknown", title: words.unknown_title, money: words.unknown_money, next: words.unknown_next, amount: money(current?.amount ?? minor) });
}

byId("give-up").addEventListener("click", async () => {
  if (!current) return;
  byId("give-up").disabled = true;
  try {
    const answer = await fetch(setup.payments + current.id + "/cancel", { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": document.querySelector("#token input").value } });
    if (answer.status === 401) unknown();
    else await take(answer);
  } catch {
    unknown();
  } finally {
    byId("give-up").disabled = false;
  }
});

// -- the result -----------------------------------------------------------------------------------------------------------
let codeShown = "";
let countdown = null;

function put(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function render(told) {
  show("result");
  byId("outcome").dataset.outcome = told.outcome;
  put("result-title", told.title);
  put("result-amount", told.amount ?? money(current?.amount ?? minor));
  put("result-money", told.money ?? "");
  put("result-next", told.next ?? "");
  if ((told.code ?? "") !== codeShown) {
    codeShown = told.code ?? "";
    byId("shown-code").innerHTML = told.code_svg ?? "";
    byId("shown-code").hidden = !codeShown;
    byId("shown-code").dataset.content = codeShown;
    if (byId("copy-code")) byId("copy-code").hidden = !codeShown;
    put("copied", "");
    count(codeShown ? 120 : 0);
  }
  byId("give-up").hidden = told.outcome !== "waiting" || !told.payment_id;
  byId("next").hidden = !told.final;
  link("receipt", told.receipt);
  link("detail", told.detail);
}

byId("copy-code")?.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(codeShown);
    put("copied", words.copied);
  } catch {
    put("copied", codeShown); // no clipboard: shown, for a hand to select
  }
});

function link(id, address) {
  byId(id).hidden = !address;
  if (address) byId(id).href = address;
}

function count(seconds) {
  clearInterval(countdown);
  byId("countdown").hidden = !seconds;
  let left = seconds;
  const tick = () => put("countdown", `${left--} ${words.seconds}`);
  if (seconds) {
    tick();
    countdown = setInterval(() => (left < 0 ? clearInterval(countdown) : tick()), 1000);
  }
}

function finish(told) {
  render(told);
  count(0);
  const id = current?.id ?? told.payment_id;
  forget();
  asking++;
  byId("next").focus();
  if (told.outcome === "approved") speak(id, told.amount_minor ?? minor);
}

byId("next").addEventListener("click", () => {
  setAmount(unsent ? minor : 0);
  unsent = false;
  byId("resumed").hidden = true;
  show("keypad");
});

const voice = byId("voice");
voice.checked = localStorage.getItem("xiaopos.voice") === "on";
voice.addEventListener("change", () => localStorage.setItem("xiaopos.voice", voice.checked ? "on" : "off"));

function speak(id, value) {
  if (!voice.checked || !("speechSynthesis" in window) || spoken.has(id)) return;
  spoken.add(id);
  const text = new SpeechSynthesisUtterance(`${words.approved_voice} ${(value / 100).toFixed(2)} ${words.yuan}`);
  text.lang = setup.lang;
  speechSynthesis.speak(text);
}

// -- the card terminal ------------------------------------------------------------------------------------------------------
const frame = byId("terminal-frame");

function tellTerminal(message) {
  frame.contentWindow.postMessage(message, setup.terminal_origin);
}

function askCard() {
  if (!frame) {
    byId("hint").textContent = words.no_reader;
    return;
  }
  card = { reference: newId() };
  show("card");
  put("card-guide", words.card_wait);
  tellTerminal({ type: "xiaopos.sale", amount_minor: minor, reference: card.reference });
}

byId("card-cancel").addEventListener("click", () => card && tellTerminal({ type: "xiaopos.cancel", reference: card.reference }));

window.addEventListener("message", (event) => {
  if (!setup.terminal_origin || event.origin !== setup.terminal_origin || event.source !== frame?.contentWindow) return;
  const told = event.data;
  if (!card || told?.reference !== card.reference) return;
  if (told.type === "xiaopos.progress" && told.message) put("card-guide", told.message);
  if (told.type === "xiaopos.result") cardResult(told);
});

async function cardResult(told) {
  if (told.outcome === "cancelled") {
    card = null;
    show("keypad");
    byId("hint").textContent = words.card_cancelled;
    return;
  }
  if (told.outcome === "unknown" && !card.unknown) {
    // The terminal takes back what it did not hear of: what the books hold now will not last. It tells how that ended.
    card.unknown = true;
    render({ outcome: "unknown", title: told.message, money: words.unknown_money, next: told.next || words.unknown_next, amount: money(minor) });
    return;
  }
  card = null;
  const held = await heldByBooks(told);
  if (held) {
    render(held);
    if (held.final) finish(held);
    else {
      keep({ id: held.payment_id, amount: minor, means: "card" });
      askLater();
    }
    return;
  }
  finish({ outcome: told.outcome, title: told.message, money: moneyWords(told.money_moved), next: told.next ?? "", amount: money(minor), final: true });
}

function moneyWords(moved) {
  return moved === "unknown" ? words.unknown_money : moved === "no" ? words.none_moved : "";
}

async function heldByBooks(told) {
  if (!Number(told.stan) || !Number(told.batch_number)) return null;
  try {
    const answer = await fetch(`${setup.voucher}${Number(told.batch_number)}/${Number(told.stan)}.json`);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// -- after a reload ---------------------------------------------------------------------------------------------------------
const left = localStorage.getItem(KEPT);
if (left) {
  try {
    current = JSON.parse(left);
    minor = current.amount;
    put("resumed", words.resumed);
    byId("resumed").hidden = false;
    unknown();
    askLater();
  } catch {
    forget();
  }
}
