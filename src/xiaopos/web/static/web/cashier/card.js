"use strict";
// The card terminal beside the page. What it says of a payment is shown only until the books say how they hold it.

const SILENT_MS = 5000; // a terminal that shows no sign of life by then is not there
const frame = byId("terminal-frame");

function tellTerminal(message) {
  frame.contentWindow.postMessage(message, setup.terminal_origin);
}

function askForCard() {
  tellTerminal({ type: "xiaopos.sale", amount_minor: minor, reference: card.reference });
}

function startCard() {
  if (!frame) {
    byId("hint").textContent = words.no_reader;
    return;
  }
  const asked = { reference: newId(), heard: false, told: null };
  card = asked;
  show("card");
  put("card-guide", words.card_wait);
  if (innerWidth < 1024) frame.scrollIntoView({ block: "start" });
  askForCard();
  setTimeout(() => card === asked && !asked.heard && noCard(words.terminal_silent), SILENT_MS);
}

function noCard(why) {
  card = null;
  show("keypad");
  byId("hint").textContent = why;
  byId("hint").scrollIntoView({ block: "center" });
}

byId("card-cancel").addEventListener("click", () => {
  if (!card) return;
  tellTerminal({ type: "xiaopos.cancel", reference: card.reference });
  if (!card.heard) noCard(words.card_cancelled);
});

window.addEventListener("message", (event) => {
  if (!setup.terminal_origin || event.origin !== setup.terminal_origin || event.source !== frame?.contentWindow) return;
  const told = event.data;
  if (!card || !told) return;
  if (told.type === "xiaopos.progress" && told.step === "ready" && !card.heard) askForCard(); // it was not there before
  if (told.reference !== card.reference) return;
  card.heard = true;
  if (told.type === "xiaopos.result") cardResult(told);
});

async function cardResult(told) {
  if (told.outcome === "cancelled") return noCard(words.card_cancelled);
  const asked = card;
  if (told.outcome === "unknown" && !asked.told) {
    // The terminal takes back what it did not hear of: what the books hold now will not last. It tells how that ended.
    asked.told = told;
    render({ outcome: "unknown", title: told.message, money: words.unknown_money, next: told.next || words.unknown_next, amount: money(minor) });
    setTimeout(() => card === asked && (byId("aside").hidden = false), ASIDE_AFTER_MS);
    return;
  }
  const held = await heldByBooks(told);
  if (card !== asked) return;
  card = null;
  if (!held) {
    finish({ try_again: told.outcome === "refused", outcome: told.outcome, title: told.message, money: moneyWords(told.money_moved), next: told.next ?? "", amount: money(minor), final: true });
  } else if (held.final) {
    finish(held);
  } else {
    render(held);
    keep({ id: held.payment_id, amount: held.amount_minor, means: "card" });
    askLater();
  }
}

async function setCardAside() {
  const { told } = card;
  card = null;
  const held = await heldByBooks(told);
  if (held && !held.final) keepPayment({ id: held.payment_id, amount: held.amount_minor, means: "card", merchant: setup.merchant, aside: true });
}

function moneyWords(moved) {
  return moved === "unknown" ? words.unknown_money : moved === "no" ? words.none_moved : "";
}

async function heldByBooks(told) {
  if (!Number(told.stan) || !Number(told.batch_number)) return null;
  try {
    const answer = await reach(`${setup.voucher}${Number(told.batch_number)}/${Number(told.stan)}.json`);
    return answer.ok ? answer.told : null;
  } catch {
    return null;
  }
}
