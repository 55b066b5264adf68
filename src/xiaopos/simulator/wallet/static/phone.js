// The simulated phone: asks its server, draws what it says. No framework, no storage, nothing inline.
"use strict";

const words = JSON.parse(document.body.dataset.words);
const lang = document.body.dataset.lang;
const at = (id) => document.getElementById(id);
const apps = JSON.parse(document.body.dataset.apps);
let app = apps[0];
let customer = null;
let filledFor = ""; // whose password stands in the field

async function ask(path, method = "GET", body = undefined) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options);
  if (!answer.ok) throw Object.assign(new Error("refused"), { status: answer.status, told: await answer.json() });
  return answer.json();
}

function say(text) {
  at("notice").textContent = text;
}

async function attempt(work, refusal = words.gone) {
  try {
    await work();
  } catch (failure) {
    if (failure.status === 403) say(`${words.wrong_password} ${failure.told.tries_left}`);
    else say(failure.status === 409 ? refusal : words.broken);
  }
}

function yuan(minor) {
  return "¥" + (minor / 100).toFixed(2);
}

function button(text, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", press);
  return made;
}

function span(className, text) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  return made;
}

function fill(list, rows) {
  if (rows.length === 0) {
    const empty = document.createElement("li");
    empty.textContent = words.none;
    rows = [empty];
  }
  list.replaceChildren(...rows);
}

function line(order, ...more) {
  const row = document.createElement("li");
  row.append(span("amount", yuan(order.amount_minor)), span("state", words["state_" + order.state]), ...more);
  return row;
}

function drawApps() {
  const buttons = apps.map((name) => {
    const made = button(words["app_" + name] ?? name, () => open(name));
    made.setAttribute("aria-pressed", String(name === app));
    made.dataset.app = name;
    return made;
  });
  const focused = document.activeElement?.dataset?.app;
  at("apps").replaceChildren(...buttons);
  at("apps-shown").hidden = apps.length < 2;
  buttons.find((made) => made.dataset.app === focused)?.focus();
}

function open(name) {
  app = name;
  drawn = "";
  drawApps();
  choose(null);
}

async function drawCustomers() {
  const told = await ask(`/phone/${app}/api/customers`);
  customer = customer ?? told.customers[0].customer;
  const buttons = told.customers.map((one) => {
    const made = button(lang === "en" ? one.name_en : one.name_zh, () => choose(one.customer));
    made.setAttribute("aria-pressed", String(one.customer === customer));
    made.dataset.customer = one.customer;
    return made;
  });
  if (filledFor !== app + customer) {
    filledFor = app + customer;
    at("password").value = told.customers.find((one) => one.customer === customer).password;
  }
  const focused = document.activeElement?.dataset?.customer;
  at("customers").replaceChildren(...buttons);
  buttons.find((made) => made.dataset.customer === focused)?.focus();
  at("balance").textContent = yuan(told.customers.find((one) => one.customer === customer).balance_minor);
}

let drawn = "";

async function drawOrders() {
  const told = await ask(`/phone/${app}/api/customers/${customer}/orders`);
  const now = JSON.stringify([customer, told.orders]);
  if (now === drawn) return; // leave focused buttons alone while nothing changes
  drawn = now;
  const waiting = told.orders.filter((order) => order.state === "USERPAYING");
  const act = (order, verb) => () =>
    attempt(async () => {
      const typed = verb === "confirm" ? { password: at("password").value } : undefined;
      await ask(`/phone/${app}/api/customers/${customer}/orders/${order.number}/${verb}`, "POST", typed);
      say("");
      await draw();
    });
  fill(
    at("waiting"),
    waiting.map((order) => {
      const yes = button(words.confirm, act(order, "confirm"));
      yes.dataset.act = "confirm";
      const no = button(words.refuse, act(order, "refuse"));
      no.dataset.act = "refuse";
      return line(order, yes, no);
    }),
  );
  fill(at("orders"), told.orders.map((order) => line(order)));
}

function drawMoods(told) {
  const names = told.moods.map((mood) => words["mood_" + mood.trouble] ?? mood.trouble);
  at("mood-now").textContent = names.join(", ") || words.well;
}

async function draw() {
  await drawCustomers();
  await drawOrders();
  drawMoods(await ask(`/control/${app}/moods`));
}

function choose(who) {
  customer = who;
  at("code-shown").hidden = true;
  say("");
  attempt(draw);
}

at("make-code").addEventListener("click", () =>
  attempt(async () => {
    const told = await ask(`/phone/${app}/api/customers/${customer}/code`, "POST");
    at("code").textContent = told.code;
    at("code-image").src = told.image;
    at("code-shown").hidden = false;
    say("");
  }),
);

at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(at("code").textContent);
    say(words.copied);
  } catch {
    getSelection().selectAllChildren(at("code")); // no clipboard without permission: select it for the hand
  }
});

at("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await ask(`/phone/${app}/api/customers/${customer}/scan`, "POST", { content: at("content").value });
    at("content").value = "";
    say("");
    await draw();
  }, words.scan_failed);
});

for (const one of document.querySelectorAll("[data-mood]")) {
  one.addEventListener("click", () =>
    attempt(async () => drawMoods(await ask(`/control/${app}/moods`, "POST", JSON.parse(one.dataset.mood)))),
  );
}

at("lift").addEventListener("click", () =>
  attempt(async () => drawMoods(await ask(`/control/${app}/moods`, "DELETE"))),
);

drawApps();
attempt(draw);
setInterval(
  () =>
    attempt(async () => {
      await draw();
      if (at("notice").textContent === words.broken) say("");
    }),
  1500,
);
