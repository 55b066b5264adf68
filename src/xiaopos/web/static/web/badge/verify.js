/* Checks a badge's signature in the browser against the keys that came with the page: RFC 7515, EdDSA only. */
"use strict";

const TYPE = "xiaopos-badge+jwt";
const keys = JSON.parse(document.getElementById("jwks").textContent);

function bytes(part) {
  const padded = part.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function unpacked(part) {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(part)));
}

/** What the badge says when its signature is right; null when it is wrong; undefined when this browser cannot tell. */
async function read(text, operator) {
  const parts = text.split(".");
  if (parts.length !== 3) return null;
  let header, said, signature;
  try {
    header = unpacked(parts[0]);
    said = unpacked(parts[1]);
    signature = bytes(parts[2]);
  } catch {
    return null;
  }
  if (header.typ !== TYPE || (operator && said.iss !== operator)) return null;
  const key = keys.find((one) => one.kid === header.kid && one.alg === header.alg);
  if (!key) return null;
  if (key.crv !== "Ed25519" || !globalThis.crypto?.subtle) return undefined;
  try {
    const made = await crypto.subtle.importKey("jwk", { kty: key.kty, crv: key.crv, x: key.x }, "Ed25519", false, ["verify"]);
    const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    return (await crypto.subtle.verify("Ed25519", made, signature, signed)) ? said : null;
  } catch {
    return undefined;
  }
}

function line(parent, name, value) {
  const row = document.createElement("p");
  row.textContent = `${name}: ${value}`;
  parent.append(row);
}

async function checkOwn(place) {
  const said = await read(place.dataset.text, "");
  place.textContent = said ? place.dataset.right : said === null ? place.dataset.wrong : place.dataset.cannot;
}

async function checkTyped(event) {
  event.preventDefault();
  const form = event.target;
  const told = document.getElementById("result");
  const text = form.text.value.trim().replace(/\/+$/, "").split("/").at(-1);
  const said = await read(text, form.dataset.operator);
  const late = said && Date.now() >= said.exp * 1000;
  const words = said === undefined ? "cannot" : said === null ? "wrong" : late ? "expired" : "right";
  const verdict = document.createElement("section");
  verdict.className = `verdict ${words === "right" ? "good" : "bad"}`;
  const title = document.createElement("h2");
  title.textContent = told.dataset[words];
  verdict.append(title);
  if (said) {
    line(verdict, told.dataset.who, said.who);
    line(verdict, told.dataset.for, said.for);
    line(verdict, told.dataset.until, new Date(said.exp * 1000).toLocaleString(document.documentElement.lang));
  }
  told.replaceChildren(verdict);
}

const own = document.getElementById("own-check");
if (own) checkOwn(own);
document.getElementById("check")?.addEventListener("submit", checkTyped);
