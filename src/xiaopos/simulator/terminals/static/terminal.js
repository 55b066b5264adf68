"use strict";
// The pretend terminal's page: what the person at the counter and the customer do with a real device.
// It speaks with the cashier's page, which frames it, by messages; only the configured origin is heard and answered.
(() => {
  const body = document.body;
  const words = JSON.parse(body.dataset.words);
  const deck = JSON.parse(body.dataset.deck);
  const { terminal, lang, origin } = body.dataset;
  const root = `/terminals/${terminal}`;
  const framed = window.parent !== window;
  const at = (id) => document.getElementById(id);
  const LOOK_EVERY_MS = 400;
  const LOOK_FOR_MS = 180000;

  const FOLLOWS_HOLD = ["complete", "complete-advice", "void-preauth"];
  const WITH_PIN = ["sale", "preauth"];
  const NEEDS = { // which parts of the form an action needs
    preauth: ["amount"], complete: ["amount", "code"], "complete-advice": ["amount", "code"], "void-preauth": ["code"],
    "void-completion": ["stan"], "offline-sale": ["amount"], balance: [], settle: [], tip: ["amount", "stan"],
    signature: ["stan", "sign"], "script-notice": ["stan"], query: ["number"], fetch: ["list"], "tell-status": [],
  };
  const DIRECT = { // what needs no card: where it goes, and with what
    void: () => ["/void", { stan: ask.stan, batch_number: ask.batch_number }],
    "void-completion": () => ["/void-completion", { stan: ask.stan }],
    settle: () => ["/settle", {}],
    tip: () => ["/tip", { stan: ask.stan, amount_minor: ask.amount_minor }],
    signature: () => ["/signature", { stan: ask.stan, picture: ask.picture }],
    "script-notice": () => ["/script-notice", { stan: ask.stan }],
    query: () => ["/query", ask.number.length === 12 ? { rrn: ask.number } : { stan: ask.number }],
    fetch: () => ["/fetch", { list: ask.list }],
    "tell-status": () => ["/tell-status", {}],
  };

  let ask = null; // what is being done: {kind, amount_minor, reference, rrn...}
  let busy = false; // a request is with the terminal
  let how = "";
  let pin = "";

  const yuan = (minor) => `¥${(minor / 100).toFixed(2)}`;

  function tell(message) {
    if (framed && origin) window.parent.postMessage({ ...message, terminal_id: terminal }, origin);
  }

  function progress(step) {
    tell({ type: "xiaopos.progress", step, reference: ask ? ask.reference : "" });
  }

  function show(part) {
    at("reader").hidden = part !== "reader";
    at("pad").hidden = part !== "pad";
    at("alone").hidden = framed || part !== "idle";
  }

  function screen(message, { next = "", facts = "", outcome = "" } = {}) {
    at("amount").hidden = !ask || !ask.amount_minor;
    if (ask && ask.amount_minor) at("amount").textContent = yuan(ask.amount_minor);
    at("message").textContent = message;
    at("next").textContent = next;
    at("facts").textContent = facts;
    at("screen").dataset.outcome = outcome;
  }

  async function call(method, path, content) {
    const answer = await fetch(`${root}${path}?lang=${lang}`, {
      method,
      headers: content ? { "Content-Type": "application/json" } : {},
      body: content ? JSON.stringify(content) : undefined,
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error || String(answer.status));
    return said;
  }

  // -- one transaction ---------------------------------------------------------------------------------------------

  function begin(asked) {
    if (busy || ask) {
      tell({ type: "xiaopos.result", reference: asked.reference || "", outcome: "refused", reason: "in_progress",
        message: words.busy, next: "", money_moved: "no" });
      return;
    }
    ask = asked;
    how = "";
    pin = "";
    if (Object.hasOwn(DIRECT, ask.kind)) {
      send(...DIRECT[ask.kind]());
      return;
    }
    if (ask.kind === "refund") {
      beginHeld((row) => row.rrn === ask.rrn, words.present_refund);
      return;
    }
    if (FOLLOWS_HOLD.includes(ask.kind)) {
      beginHeld((row) => row.action === "preauth" && row.approval_code === ask.approval_code, words.present);
      return;
    }
    present(words.present);
  }

  function present(message) {
    screen(message);
    show("reader");
    progress("present_card");
    at("reader").querySelector("[data-how]").focus({ preventScroll: true });
  }

  async function beginHeld(fits, message) {
    let state;
    try {
      state = await call("GET", "/state");
    } catch {
      finish({ outcome: "refused", message: words.no_simulator, next: "", money_moved: "no" });
      return;
    }
    // A voucher that the terminal still holds knows its card; for an older sale the customer presents it.
    if (state.vouchers.some(fits)) send(...withoutCard());
    else present(message);
  }

  function withoutCard() {
    if (ask.kind === "refund") return ["/refund", refundBody()];
    const { amount_minor, approval_code } = ask;
    if (ask.kind === "void-preauth") return ["/void-preauth", { amount_minor, approval_code }];
    return ["/complete", { amount_minor, approval_code, advice: ask.kind === "complete-advice" }];
  }

  function refundBody() {
    const { amount_minor, rrn, batch_number, stan, on, approval_code } = ask;
    return { amount_minor, rrn, batch_number, stan, on, approval_code };
  }

  function chosenCard() {
    return document.querySelector("input[name=card]:checked").value;
  }

  function read(way) {
    how = way;
    if (ask.kind === "balance" || (how === "insert" && WITH_PIN.includes(ask.kind))) {
      pin = "";
      showPin();
      screen(words.pin);
      show("pad");
      progress("enter_pin");
      return;
    }
    sendWithCard();
  }

  function sendWithCard() {
    const card = { card: chosenCard(), how };
    if (ask.kind === "refund" || FOLLOWS_HOLD.includes(ask.kind)) {
      const [path, content] = withoutCard();
      send(path, { ...content, ...card });
    } else {
      send(`/${ask.kind}`, { amount_minor: ask.amount_minor, ...card, pin: pin || undefined });
    }
    pin = "";
    showPin();
  }

  async function send(path, content) {
    busy = true;
    show("");
    screen(words.sending);
    progress("sending");
    let result;
    try {
      result = await call("POST", path, content);
    } catch {
      // The pretend terminal's own server is away: nobody knows, so nothing is said but that.
      busy = false;
      finish({ outcome: "unknown", message: words.no_simulator, next: "", money_moved: "unknown" });
      return;
    }
    busy = false;
    if (result.outcome === "unknown" && result.owes) await putRight(result);
    else finish(result);
  }

  async function putRight(unknown) {
    const { reference } = ask;
    report(unknown);
    busy = true;
    progress("reversing");
    const until = Date.now() + LOOK_FOR_MS;
    while (Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      let state;
      try {
        state = await call("GET", "/state");
      } catch {
        continue;
      }
      const end = state.put_right;
      if (!state.owes && !state.unresolved && end && end.stan === unknown.stan && end.outcome !== "unknown") {
        busy = false;
        finish(end.action === "reversal" ? { ...end, outcome: "reversed", reference } : end);
        return;
      }
    }
    busy = false;
    finish(unknown);
  }

  function report(result) {
    const facts = [
      result.list && words[`list_${result.list}`],
      result.masked_pan,
      result.batch_number && `${words.batch} ${result.batch_number}`,
      result.stan && `${words.stan} ${result.stan}`,
      result.rrn && `${words.rrn} ${result.rrn}`,
      result.action === "preauth" && result.approval_code && `${words.approval_code} ${result.approval_code}`,
      Number.isSafeInteger(result.balance_minor) && `${words.available} ${yuan(result.balance_minor)}`,
    ].filter(Boolean).join(" · ");
    screen(result.message, { next: result.next, facts, outcome: result.outcome });
    const { simulated, owes, ...rest } = result;
    tell({ ...rest, type: "xiaopos.result", reference: ask ? ask.reference : "" });
  }

  function finish(result) {
    report(result);
    ask = null;
    at("fault-now").textContent = "";
    show("idle");
    showHeld();
  }

  // -- what the terminal holds -------------------------------------------------------------------------------------

  async function showHeld() {
    let state;
    try {
      state = await call("GET", "/state");
    } catch {
      return; // the screen says so when something is asked
    }
    at("shop").textContent = state.shop.name;
    at("phones").textContent = state.shop.phones.length ? `${words.support} ${state.shop.phones.join(" ")}` : "";
    const lines = [
      ...state.lists.map((row) => `${words[`list_${row.list}`]}: ${row.entries} · ${words.version} ${row.version}`),
      ...state.wanted.map((name) => `${words.host_wants}: ${words[`list_${name}`]}`),
      ...state.notices.map((row) => `${words.to_be_told}: ${words[row.tells]} ${row.stan}`),
      ...state.errands.map((row) => `${words.done_for_host}: ${row.message} ${row.list ? words[`list_${row.list}`] : ""}`),
    ];
    at("held-rows").replaceChildren(...lines.map((line) => {
      const row = document.createElement("li");
      row.textContent = line;
      return row;
    }));
  }
  at("held").addEventListener("toggle", () => at("held").open && showHeld());

  // -- the customer's signature ------------------------------------------------------------------------------------

  const paper = at("paper");
  const ink = paper.getContext("2d", { willReadFrequently: true });
  let drawn = false;
  let drawing = false;

  function clearPaper() {
    ink.fillStyle = "#fff";
    ink.fillRect(0, 0, paper.width, paper.height);
    ink.lineWidth = 2;
    ink.lineCap = "round";
    drawn = false;
  }

  function onPaper(event) {
    const place = paper.getBoundingClientRect();
    const across = (event.clientX - place.left) / place.width;
    const down = (event.clientY - place.top) / place.height;
    return [across * paper.width, down * paper.height];
  }

  paper.addEventListener("pointerdown", (event) => {
    paper.setPointerCapture(event.pointerId);
    ink.beginPath();
    ink.moveTo(...onPaper(event));
    drawing = true;
  });
  paper.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    ink.lineTo(...onPaper(event));
    ink.stroke();
    drawn = true;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    paper.addEventListener(end, () => {
      drawing = false;
    });
  }
  at("clear-paper").addEventListener("click", clearPaper);
  clearPaper();

  function picture() { // a bitmap of one bit a pixel, rows from the bottom up; empty when nothing was drawn
    if (!drawn) return "";
    const { width, height } = paper;
    const seen = ink.getImageData(0, 0, width, height).data;
    const bytes = new Uint8Array(62 + (width / 8) * height);
    const view = new DataView(bytes.buffer);
    bytes.set([0x42, 0x4d]);
    for (const [place, value] of [[2, bytes.length], [10, 62], [14, 40], [18, width], [22, height], [34, bytes.length - 62]]) {
      view.setUint32(place, value, true);
    }
    view.setUint16(26, 1, true);
    view.setUint16(28, 1, true);
    view.setUint32(58, 0x00ffffff, true);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const white = seen[(y * width + x) * 4] > 127;
        if (white) bytes[62 + (height - 1 - y) * (width / 8) + (x >> 3)] |= 0x80 >> (x % 8);
      }
    }
    return btoa(String.fromCharCode(...bytes));
  }

  function cancel() {
    pin = "";
    showPin();
    finish({ outcome: "cancelled", message: words.cancelled, next: "", money_moved: "no" });
  }

  // -- the cashier's page ------------------------------------------------------------------------------------------

  const wholeNumber = (value) => Number.isSafeInteger(value) && value > 0;

  window.addEventListener("message", (event) => {
    if (!framed || !origin || event.origin !== origin || event.source !== window.parent) return;
    const asked = event.data;
    if (!asked || typeof asked !== "object") return;
    const kinds = { "xiaopos.sale": "sale", "xiaopos.void": "void", "xiaopos.refund": "refund" };
    const kind = kinds[asked.type];
    if (asked.type === "xiaopos.cancel" && ask && !busy) cancel();
    if (!kind || (kind !== "void" && !wholeNumber(asked.amount_minor))) return;
    begin({
      kind,
      amount_minor: asked.amount_minor,
      reference: String(asked.reference || ""),
      rrn: String(asked.rrn || ""),
      stan: asked.stan || undefined,
      batch_number: asked.batch_number || asked.batch || undefined,
      on: asked.on || undefined,
      approval_code: asked.approval_code || undefined,
    });
  });

  // -- buttons -----------------------------------------------------------------------------------------------------

  function showPin() {
    at("typed").textContent = "●".repeat(pin.length);
  }

  deck.forEach((card, place) => {
    const label = document.createElement("label");
    const choice = document.createElement("input");
    Object.assign(choice, { type: "radio", name: "card", value: card.label, checked: place === 0 });
    label.append(choice, ` ${card.title} ${card.number}`);
    at("deck").append(label);
  });

  document.querySelectorAll("[data-how]").forEach((button) => {
    button.addEventListener("click", () => ask && !busy && read(button.dataset.how));
  });
  document.querySelectorAll("[data-cancel]").forEach((button) => {
    button.addEventListener("click", () => ask && !busy && cancel());
  });
  document.querySelectorAll("[data-digit]").forEach((button) => {
    button.addEventListener("click", () => {
      if (pin.length < 12) pin += button.dataset.digit;
      showPin();
    });
  });
  at("pin-clear").addEventListener("click", () => {
    pin = "";
    showPin();
  });
  at("pin-done").addEventListener("click", () => {
    if (pin.length < 4) screen(words.pin_short);
    else if (ask && !busy) sendWithCard();
  });
  at("pad").addEventListener("keydown", (event) => {
    if (/^[0-9]$/.test(event.key) && pin.length < 12) pin += event.key;
    else if (event.key === "Backspace") pin = pin.slice(0, -1);
    else return;
    showPin();
  });

  async function setFault(name) {
    try {
      if (name === "decline") await call("POST", "/decline-next", {});
      else if (name === "lift") await call("DELETE", "/faults");
      else await call("POST", "/faults", { fault: name });
    } catch {
      at("fault-now").textContent = words.fault_failed;
      return;
    }
    const button = document.querySelector(`[data-fault="${name}"]`);
    at("fault-now").textContent = name === "lift" ? "" : `${words.fault_waits}: ${button.textContent}`;
  }
  document.querySelectorAll("[data-fault]").forEach((button) => {
    button.addEventListener("click", () => setFault(button.dataset.fault));
  });

  const minorIn = (id) => {
    const typed = at(id).value.trim();
    return /^\d{1,10}(\.\d{1,2})?$/.test(typed) ? Math.round(Number(typed) * 100) : 0;
  };

  function showNeeds() {
    const needs = NEEDS[at("action").value];
    for (const part of ["amount", "code", "stan", "number", "list", "sign"]) at(`${part}-part`).hidden = !needs.includes(part);
  }
  at("action").addEventListener("change", showNeeds);
  showNeeds();

  at("others").addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = at("action").value;
    const needs = NEEDS[kind];
    const minor = needs.includes("amount") ? minorIn("minor") : 0;
    const code = at("code").value.trim().toUpperCase();
    const stan = at("original").value.trim();
    const number = at("number").value.trim();
    if (needs.includes("amount") && !wholeNumber(minor)) screen(words.amount_wrong);
    else if (needs.includes("code") && !/^[0-9A-Z]{6}$/.test(code)) screen(words.code_wrong);
    else if (needs.includes("stan") && !/^\d{1,6}$/.test(stan)) screen(words.stan_wrong);
    else if (needs.includes("number") && !/^(\d{1,6}|[0-9A-Za-z]{12})$/.test(number)) screen(words.number_wrong);
    else {
      const list = at("list").value;
      begin({ kind, amount_minor: minor, approval_code: code, stan, number, list, picture: picture(), reference: "" });
      clearPaper();
    }
  });

  at("alone").addEventListener("submit", (event) => {
    event.preventDefault();
    const minor = minorIn("yuan");
    if (!wholeNumber(minor)) screen(words.amount_wrong);
    else begin({ kind: "sale", amount_minor: minor, reference: "" });
  });

  show("idle");
  showHeld();
  tell({ type: "xiaopos.progress", step: "ready", reference: "" });
})();
