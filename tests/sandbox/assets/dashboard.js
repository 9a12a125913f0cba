// Renews the page when something happens. Without this file a reload does the same.
"use strict";

const live = document.getElementById("live");
let waiting = false;

async function renew() {
  waiting = false;
  try {
    const response = await fetch(location.href);
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const content = document.getElementById("content");
    // What the reader has opened stays open.
    const open = [...content.querySelectorAll("details")].map((part) => part.open);
    const fresh = page.getElementById("content");
    fresh.querySelectorAll("details").forEach((part, at) => { if (at < open.length) part.open = open[at]; });
    content.replaceChildren(...fresh.childNodes);
  } catch (error) {
    // The sandbox may be restarting: the next event renews the page.
  }
}

const events = new EventSource("/sandbox/events");
const changed = function () {
  // Many events within a moment are one change.
  if (!waiting) {
    waiting = true;
    setTimeout(renew, 200);
  }
};
for (const name of ["request", "webhook", "control", "missed"]) events.addEventListener(name, changed);
events.onopen = function () { live.hidden = false; };
events.onerror = function () { live.hidden = true; };
