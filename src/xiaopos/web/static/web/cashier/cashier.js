"use strict";
// The counter: keypad, scanner, asking the house, result. The payment's number is made here and kept before
// anything is sent (kept.js), so that the same payment is asked about again and never charged twice.

const setup = JSON.parse(document.getElementById("setup").textContent);
const words = setup.words;
const byId = (id) => document.getElementById(id);
const sections = ["keypad", "scan", "card", "result"];
const ASIDE_AFTER_MS = 15000; // from then on an unknown payment no longer keeps the next customer waiting
const UNHEARD_AFTER_MS = 3000; // a payment that the house does not know by then is forestalled
const SALE_WITHIN_MS = 12000;
const ANSWER_WITHIN_MS = 8000;
let minor = 0;
let current = null; // {id, amount, means}
let asking = 0; // counts rounds of asking: an older round stops when it sees a newer one
let unsent = false; // the last sale did not arrive: its amount is kept for another try
let card = null; // {reference, heard, told}: what the card terminal is doing (card.js)
let stale = false; // the house did not take this page's word: the page is loaded anew for the next sale

const money = (value) => "¥" + (value / 100).toFixed(2);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function show(name) {
  const here = byId(name);
  const changed = here.hidden;
  for (const id of sections) byId(id).hidden = id !== name;
  for (const place of document.querySelectorAll("[data-amount]")) place.textContent = money(minor);
  if (!changed) return;
  here.focus({ preventScroll: true });
  here.scrollIntoView({ block: "nearest" });
}

function keep(payment) {
  current = { merchant: setup.merchant, ...payment };
  keepPayment(current);
}

function forget() {
  if (current) forgetPayment(current.id);
  current = null;
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
  if (current || card || needAmount()) return;
  if (means === "payer_code") {
    show("scan");
    byId("code").value = "";
    put("scan-hint", "");
    byId("code").focus();
  } else if (means === "shop_code") {
    send({ means: "shop_code" });
  } else {
    startCard();
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
  const inField = document.activeElement?.matches("input:not([type=checkbox]), select, textarea");
  if (inField || event.ctrlKey || event.metaKey || event.altKey || byId("keypad").hidden) return;
  if (/^[0-9]$/.test(event.key)) {
    if (!row.digits || event.timeStamp - row.at > ROW_GAP_MS) row = { digits: "", before: minor, at: 0 };
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

// -- asking the house -----------------------------------------------------------------------------------------------------
async function reach(address, body, withinMs = ANSWER_WITHIN_MS) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), withinMs);
  const headers = { Accept: "application/json" };
  const request = { headers, signal: stop.signal, cache: "no-store" };
  if (body) {
    Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("#token input").value });
    Object.assign(request, { method: "POST", body: JSON.stringify(body) });
  }
  try {
    const answer = await fetch(address, request);
    const told = await answer.json().catch((fault) => {
      if (fault instanceof SyntaxError) return null;
      throw fault;
    });
    return { status: answer.status, ok: answer.ok && told !== null, redirected: answer.redirected, told };
  } finally {
    clearTimeout(timer);
  }
}

async function send({ means, code }) {
  if (!navigator.onLine) return notSent();
  try {
    keep({ id: newId(), amount: minor, means });
  } catch {
    current = null;
    byId("hint").textContent = words.cannot_keep;
    show("keypad");
    return;
  }
  render({ outcome: "waiting", title: words.sending, money: words.unknown_money, next: words.unknown_next, amount: money(minor) });
  const body = { payment_id: current.id, amount_minor: minor, means };
  if (code) body.code = code;
  if (means === "shop_code" && byId("wallet")) body.wallet = byId("wallet").value;
  let answer;
  try {
    answer = await reach(setup.take, body, SALE_WITHIN_MS);
  } catch {
    return askLater();
  }
  const { status, redirected, told } = answer;
  if (status >= 500 || (!told && redirected)) askLater();
  else if (!told) refuse();
  else if (told.outcome === "refused") finish(told);
  else take(told);
}

function take(told) {
  if (told.final) return finish(told);
  render(told);
  askLater();
}

function notSent() {
  finish({ try_again: true, outcome: "refused", final: true, title: words.offline_title, money: words.offline_money, next: words.offline_next, amount: money(minor) });
}

function refuse() {
  stale = true;
  finish({ outcome: "refused", final: true, title: words.problem, money: words.none_moved, next: "", amount: money(minor) });
}

const named = ({ id, amount, means }) => ({ payment_id: id, amount_minor: amount, means });

function pauseBefore(askedMs) {
  // A customer who has just paid stands there and waits for the answer.
  if (byId("outcome").dataset.outcome === "waiting") return askedMs < 60000 ? 400 : 1000;
  return askedMs < 20000 ? 1000 : 2500;
}

async function askLater() {
  const round = ++asking;
  const since = Date.now();
  let unheardSince = 0;
  const over = () => !current || round !== asking;
  while (!over()) {
    await pause(pauseBefore(Date.now() - since));
    if (over()) return;
    try {
      let answer = await reach(setup.payments + current.id + ".json");
      if (over()) return;
      unheardSince = answer.status === 404 ? unheardSince || Date.now() : 0;
      if (unheardSince && Date.now() - unheardSince > UNHEARD_AFTER_MS) {
        // It did not arrive. It must not be taken either when it comes late, before anybody is told that it was not.
        answer = await reach(setup.payments + current.id + "/cancel", named(current));
        if (over()) return;
      }
      if (answer.status === 401) signedOut(answer.told);
      else if (answer.ok && answer.told.final) return finish(answer.told);
      else if (answer.ok) render(answer.told);
      else unknown();
    } catch {
      if (over()) return;
      unknown();
    }
    byId("aside").hidden = Date.now() - since < ASIDE_AFTER_MS || byId("outcome").dataset.outcome !== "unknown";
  }
}

function unknown() {
  render({ outcome: "unknown", title: words.unknown_title, money: words.unknown_money, next: words.unknown_next, amount: money(current?.amount ?? minor) });
}

function signedOut(told) {
  // The payment stays kept here, and is asked about again after signing in.
  render({ ...told, outcome: "unknown", final: false, money: words.unknown_money, amount: money(current.amount) });
}

byId("give-up").addEventListener("click", async () => {
  if (!current) return;
  byId("give-up").disabled = true;
  try {
    const answer = await reach(setup.payments + current.id + "/cancel", named(current));
    if (answer.ok) take(answer.told);
    else unknown(); // the asking goes on
  } catch {
    unknown();
  } finally {
    byId("give-up").disabled = false;
  }
});

// -- payments set aside: asked about while the next customer is served ---------------------------------------------------
const known = []; // what became of them, as sentences
let watching = false;

byId("aside").addEventListener("click", async () => {
  asking++;
  if (current) {
    keep({ ...current, aside: true });
    current = null;
  } else if (card) {
    await setCardAside();
  }
  setAmount(0);
  show("keypad");
  watch();
});

function tellAside() {
  const open = keptPayments(setup.merchant).filter((one) => one.aside);
  const lines = [...known, ...open.map((one) => `${money(one.amount)} · ${words.aside_open}`)];
  put("resumed", lines.join(" ｜ "));
  byId("resumed").hidden = !lines.length;
  return open;
}

async function watch() {
  if (watching) return;
  watching = true;
  for (let open = tellAside(); open.length; open = tellAside()) {
    await pause(3000);
    for (const one of open) {
      try {
        let answer = await reach(setup.payments + one.id + ".json");
        if (answer.status === 404) answer = await reach(setup.payments + one.id + "/cancel", named(one));
        const { ok, told } = answer;
        if (!ok || !told.final) continue;
        forgetPayment(one.id);
        known.push(`${told.amount} · ${told.title} · ${told.money}`);
        speak(one.id, told, true);
      } catch {
        // asked again in a moment
      }
    }
  }
  watching = false;
}

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
  }
  count(told.final ? 0 : (told.seconds_left ?? 0));
  byId("give-up").hidden = told.outcome !== "waiting" || !told.payment_id;
  byId("next").hidden = !told.final;
  byId("sign-in").hidden = told.reason !== "session_expired";
  if (told.outcome !== "unknown") byId("aside").hidden = true;
  link("receipt", told.receipt);
  link("detail", told.detail);
  link("help", told.help);
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

let countedUntil = 0;

function count(seconds) {
  const until = Date.now() + seconds * 1000;
  if (seconds && countdown && Math.abs(until - countedUntil) < 2500) return;
  clearInterval(countdown);
  countdown = null;
  byId("countdown").hidden = !seconds;
  if (!seconds) return;
  countedUntil = until;
  const tick = () => put("countdown", `${Math.max(0, Math.round((countedUntil - Date.now()) / 1000))} ${words.seconds}`);
  tick();
  countdown = setInterval(tick, 1000);
}

function finish(told) {
  render(told);
  const id = current?.id ?? told.payment_id;
  unsent = Boolean(told.try_again);
  put("next", unsent ? words.again : words.next);
  forget();
  asking++;
  byId("next").focus();
  speak(id, told);
}

byId("next").addEventListener("click", () => {
  if (stale) return location.reload();
  setAmount(unsent ? minor : 0);
  unsent = false;
  known.length = 0;
  tellAside();
  show("keypad");
});

const wallet = byId("wallet");
if (wallet) {
  const used = localStorage.getItem("xiaopos.wallet");
  if ([...wallet.options].some((one) => one.value === used)) wallet.value = used;
  wallet.addEventListener("change", () => {
    localStorage.setItem("xiaopos.wallet", wallet.value);
    wallet.blur(); // a scanner types next
  });
}

// -- after a reload ---------------------------------------------------------------------------------------------------------
function resume() {
  const [left, ...others] = keptPayments(setup.merchant).filter((one) => !one.aside);
  for (const one of others) keepPayment({ ...one, aside: true });
  watch();
  if (!left) return;
  current = left;
  minor = left.amount;
  put("resumed", words.resumed);
  byId("resumed").hidden = false;
  unknown();
  askLater();
}

resume();
