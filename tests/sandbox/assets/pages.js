// Conveniences of the sandbox's pages. Without this file they work, too: forms are plain forms.
"use strict";

// A chip fills the fields of its form with test data.
document.addEventListener("click", function (event) {
  const chip = event.target.closest("[data-fill]");
  if (!chip) return;
  for (const pair of chip.dataset.fill.split("&")) {
    const at = pair.indexOf("=");
    const field = chip.form && chip.form.elements.namedItem(pair.slice(0, at));
    if (field) field.value = pair.slice(at + 1);
  }
});

// A pending payment may be decided elsewhere: by the dashboard, another tab, or a test.
const pending = document.querySelector("[data-poll]");
if (pending) {
  const look = async function () {
    try {
      const response = await fetch(pending.dataset.poll);
      const state = await response.json();
      if (response.ok && !state.is_open) {
        location.replace(document.getElementById("decision").action);
        return;
      }
    } catch (error) {
      // The sandbox may be restarting: look again.
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}

// Inside a shop's page, the script there gets the outcome. The message holds nothing that the payer may not
// see, and the script takes it only from the frame that it made.
const result = document.getElementById("result");
if (result && document.body.hasAttribute("data-embedded") && window.parent !== window) {
  const data = result.dataset;
  const message = data.status
    ? { type: "sandbox-checkout-ended", status: data.status, message: data.message }
    : { type: "sandbox-checkout-refused", code: data.code, message: data.message };
  setTimeout(function () { window.parent.postMessage(message, "*"); }, data.status ? 1500 : 0);
}
