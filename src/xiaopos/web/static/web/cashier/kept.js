"use strict";
// The payments whose outcome this device does not know yet. Each is kept under its own name before it is sent, so that
// whatever happens to a page the same payment is asked about again, and two pages do not lose each other's. A payment
// that another merchant's cashier left here is not shown. A customer's payment code is never kept.

const KEPT = "xiaopos.payment.";

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

function keepPayment({ id, amount, means, merchant, aside }) {
  localStorage.setItem(KEPT + id, JSON.stringify({ id, amount, means, merchant, aside: Boolean(aside) }));
}

function forgetPayment(id) {
  localStorage.removeItem(KEPT + id);
}

function keptPayments(merchant) {
  // The oldest first: an id begins with its time.
  const found = [];
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(KEPT)).sort()) {
    try {
      const payment = JSON.parse(localStorage.getItem(name));
      if (payment.merchant === merchant) found.push(payment);
    } catch {
      localStorage.removeItem(name);
    }
  }
  return found;
}
