// The local sandbox's own version 3 of the checkout script: the same global and the same calls, all
// handled by the sandbox that this file was loaded from.
(function () {
  "use strict";

  // A page that includes the script twice keeps the first.
  if (window.Cashfree) return;

  const API_VERSION = "__API_VERSION__";
  const source = document.currentScript && document.currentScript.src;
  const ORIGIN = new URL(source || window.location.href, window.location.href).origin;
  const API = ORIGIN + "/pg";
  const VIEW = API + "/view";

  const failure = (code, message) => ({ error: { code: code, message: message } });
  const isText = (value) => typeof value === "string" && value.trim() !== "";
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  // ---- Talking to the sandbox ----

  /** The JSON of a response with its status; `null` where there is none. */
  async function call(url, options) {
    try {
      const response = await fetch(url, options);
      return { ok: response.ok, body: await response.json() };
    } catch (error) {
      return null;
    }
  }

  const unreachable = () => failure("network_error", "The sandbox at " + ORIGIN + " does not respond.");

  /** The failure that keeps a session from being used, or `null`. */
  async function sessionFailure(kind, session) {
    const response = await call(VIEW + "/" + kind + "/" + encodeURIComponent(session) + "/state");
    if (!response) return unreachable();
    return response.ok ? null : failure(response.body.code, response.body.message);
  }

  /** How a payment ended; waits while it is pending. */
  async function ended(paymentId) {
    for (;;) {
      const response = await call(VIEW + "/payments/" + encodeURIComponent(paymentId) + "/state");
      if (!response) return unreachable();
      if (!response.ok) return failure(response.body.code, response.body.message);
      if (!response.body.is_open) return { paymentDetails: { paymentMessage: response.body.payment_message } };
      await pause(500);
    }
  }

  // ---- Opening pages ----

  /** Leaves for a page by a form, so that the session is in no address bar or history. */
  function leave(action, fields, target) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = action;
    form.target = target;
    form.hidden = true;
    for (const name of Object.keys(fields)) {
      if (fields[name] === undefined) continue;
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = fields[name];
      form.append(input);
    }
    document.body.append(form);
    form.submit();
    form.remove();
  }

  const length = (value, usual) => {
    if (typeof value === "number") return value + "px";
    return isText(value) ? value : usual;
  };

  let frames = 0;

  /** A frame with a page of the sandbox, and the promise of the message that the page ends with. */
  function frame(action, fields, appearance) {
    const element = document.createElement("iframe");
    element.name = "cashfree-sandbox-" + ++frames;
    element.title = "Checkout";
    element.style.border = "0";
    element.style.width = length(appearance.width, "100%");
    element.style.height = length(appearance.height, "640px");
    let stop = () => {};
    const result = new Promise((resolve) => {
      const listen = (event) => {
        if (event.origin !== ORIGIN || event.source !== element.contentWindow || !event.data) return;
        if (event.data.type === "sandbox-checkout-ended") {
          resolve({ paymentDetails: { paymentMessage: event.data.message } });
        } else if (event.data.type === "sandbox-checkout-refused") {
          resolve(failure(event.data.code, event.data.message));
        }
      };
      window.addEventListener("message", listen);
      stop = () => window.removeEventListener("message", listen);
    });
    const open = () => leave(action, Object.assign({ display: "embedded" }, fields), element.name);
    return { element: element, result: result.finally(() => stop()), open: open, stop: () => stop() };
  }

  /** A dialog over the shop's page. Closing it is `user_cancelled`. */
  async function inModal(action, fields, appearance) {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Checkout");
    dialog.style.cssText = "padding:0;border:0;border-radius:10px;max-width:100vw;max-height:100vh;overflow:auto";
    dialog.style.width = length(appearance.width, "min(30rem, 100vw)");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    close.setAttribute("data-cashfree-close", "");
    close.style.cssText = "display:block;margin:8px 8px 0 auto;font:inherit;padding:4px 12px";
    const inside = frame(action, fields, { height: appearance.height || "min(640px, 85vh)" });
    dialog.append(close, inside.element);
    document.body.append(dialog);
    const cancelled = new Promise((resolve) => {
      close.addEventListener("click", () => dialog.close());
      dialog.addEventListener("close", () => {
        resolve(failure("user_cancelled", "The payer closed the checkout."));
      });
    });
    dialog.showModal();
    inside.open();
    const result = await Promise.race([inside.result, cancelled]);
    inside.stop();
    dialog.remove();
    return result;
  }

  async function inElement(element, action, fields, appearance) {
    const inside = frame(action, fields, appearance);
    element.replaceChildren(inside.element);
    inside.open();
    const result = await inside.result;
    inside.element.remove();
    return result;
  }

  /** Opens a page where `target` says, and resolves as the checkout does. */
  async function open(action, fields, target, appearance) {
    if (target instanceof Element) return inElement(target, action, fields, appearance);
    switch (target) {
      case "_modal":
        return inModal(action, fields, appearance);
      case "_self":
      case "_top":
      case "_blank":
        leave(action, fields, target);
        return { redirect: true };
      default: {
        const found = isText(target) && document.querySelector(target);
        if (found) return inElement(found, action, fields, appearance);
        return failure("invalid_redirect_target", "redirectTarget is _self, _top, _blank, _modal or an element.");
      }
    }
  }

  async function checkout(options) {
    const given = options || {};
    if (!isText(given.paymentSessionId)) {
      return failure("invalid_payment_session_id", "paymentSessionId is needed: it is in the created order.");
    }
    const refused = await sessionFailure("checkout", given.paymentSessionId);
    if (refused) return refused;
    const fields = { payment_session_id: given.paymentSessionId, return_url: given.returnUrl };
    const target = given.redirectTarget || "_self";
    return open(VIEW + "/sessions/checkout", fields, target, given.appearance || {});
  }

  async function subscriptionsCheckout(options) {
    const given = options || {};
    if (!isText(given.subsSessionId)) {
      return failure("invalid_subs_session_id", "subsSessionId is needed: it is in the created subscription.");
    }
    const refused = await sessionFailure("mandates", given.subsSessionId);
    if (refused) return refused;
    const fields = { subs_session_id: given.subsSessionId, return_url: given.returnUrl };
    return open(VIEW + "/subscriptions/checkout", fields, given.redirectTarget || "_self", given.appearance || {});
  }

  // ---- Components ----

  const digits = (text) => text.replace(/\D/g, "");

  /** The check digit of card numbers (Luhn). */
  function isCardNumber(text) {
    const number = digits(text);
    if (number.length < 12 || number.length > 19) return false;
    let sum = 0;
    for (let at = 0; at < number.length; at++) {
      let digit = Number(number[number.length - 1 - at]);
      if (at % 2 === 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
      sum += digit;
    }
    return sum % 10 === 0;
  }

  function isExpiry(text) {
    const found = /^(\d{2})\s*\/\s*(?:20)?(\d{2})$/.exec(text.trim());
    if (!found || Number(found[1]) < 1 || Number(found[1]) > 12) return false;
    const end = new Date(2000 + Number(found[2]), Number(found[1]), 1);
    return end > new Date();
  }

  function brand(text) {
    const number = digits(text);
    if (number.startsWith("4")) return "visa";
    if (/^(5[1-5]|2[2-7])/.test(number)) return "mastercard";
    if (/^(60|65|81|82)/.test(number)) return "rupay";
    return number ? "unknown" : "";
  }

  const spaced = (text) => digits(text).slice(0, 19).replace(/(.{4})(?=.)/g, "$1 ");
  const slashed = (text) => {
    const number = digits(text).slice(0, 4);
    return number.length > 2 ? number.slice(0, 2) + "/" + number.slice(2) : number;
  };

  // Fields: what the input is, how it is written while it is typed, when it is complete, and what a listener of
  // `change` learns. The number and the code are never among it.
  const FIELDS = {
    cardNumber: {
      label: "Card number", mode: "numeric", complete: "cc-number", placeholder: "Card number", format: spaced,
      isComplete: isCardNumber, reported: (text) => ({ cardBrand: brand(text), cardLength: digits(text).length }),
      wrong: "This is no card number.",
    },
    cardExpiry: {
      label: "Expiry date", mode: "numeric", complete: "cc-exp", placeholder: "MM/YY", format: slashed,
      isComplete: isExpiry, reported: (text) => ({ cardExpiry: text }), wrong: "The card has expired, or this is no date.",
    },
    cardCvv: {
      label: "CVV", mode: "numeric", complete: "cc-csc", placeholder: "CVV", secret: true,
      format: (text) => digits(text).slice(0, 4), isComplete: (text) => /^\d{3,4}$/.test(text),
      reported: (text) => ({ cvvLength: text.length }), wrong: "A CVV has three or four digits.",
    },
    cardHolder: {
      label: "Name on the card", complete: "cc-name", placeholder: "Name on the card", format: (text) => text,
      isComplete: (text) => text.trim().length > 1, reported: (text) => ({ cardHolder: text }), wrong: "A name is needed.",
    },
    upiCollect: {
      label: "UPI id", complete: "off", placeholder: "name@bank", format: (text) => text.trim(), value: "upiId",
      isComplete: (text) => /^[\w.\-]{2,}@[A-Za-z][\w.]+$/.test(text), reported: (text) => ({ upiId: text }),
      wrong: "This is no UPI id.",
    },
  };

  // Buttons and containers: the method of the API that each pays with, by its `values`.
  const METHODS = {
    upiApp: (values) => ({ upi: { channel: "link", upi_app: values.upiApp } }),
    upiQr: () => ({ upi: { channel: "qrcode" } }),
    netbanking: (values) => ({
      netbanking: values.netbankingBankCode
        ? { channel: "link", netbanking_bank_code: Number(values.netbankingBankCode) }
        : { channel: "link", netbanking_bank_name: values.netbankingBankName || "TESTR" },
    }),
    wallet: (values) => ({ app: { channel: "link", provider: values.provider, phone: values.phone } }),
    paylater: (values) => ({ paylater: { channel: "link", provider: values.provider, phone: values.phone } }),
    cardlessEmi: (values) => ({ cardless_emi: { channel: "link", provider: values.provider, phone: values.phone } }),
  };
  const LABELS = {
    upiApp: "UPI app", upiQr: "UPI QR code", netbanking: "Net banking", wallet: "Wallet", paylater: "Pay later",
    cardlessEmi: "Cardless EMI", paymentComponent: "Payment", savePaymentInstrument: "Save this for later payments",
  };

  class Component {
    constructor(type, options, siblings) {
      this.type = type;
      this.options = Object.assign({}, options);
      this.options.values = Object.assign({}, options.values);
      this.siblings = siblings;
      this.listeners = new Map();
      this.host = null;
      this.control = null;
      siblings.push(this);
    }

    // -- as published --

    mount(where) {
      const parent = typeof where === "string" ? document.querySelector(where) : where;
      if (!(parent instanceof Element)) {
        const error = { code: "component_not_mounted", message: "There is no element " + String(where) + "." };
        queueMicrotask(() => this.emit("loaderror", { error: error }));
        return this;
      }
      this.unmount();
      this.host = document.createElement("div");
      this.host.dataset.cashfree = this.type;
      this.host.attachShadow({ mode: "open" });
      parent.replaceChildren(this.host);
      this.draw();
      queueMicrotask(() => this.emit("ready", {}));
      return this;
    }

    on(event, handler) {
      if (!this.listeners.has(event)) this.listeners.set(event, []);
      this.listeners.get(event).push(handler);
      return this;
    }

    update(options) {
      const values = Object.assign({}, this.options.values, (options || {}).values);
      this.options = Object.assign({}, this.options, options, { values: values });
      if (this.host) this.draw();
      return this;
    }

    isComplete() {
      const field = FIELDS[this.type];
      if (field) return this.isMounted() && field.isComplete(this.text());
      return this.isMounted();
    }

    data() {
      const field = FIELDS[this.type];
      const value = this.type === "savePaymentInstrument" ? this.text() : field ? field.reported(this.text()) : this.options.values;
      return { value: value, complete: this.isComplete() };
    }

    disable() {
      if (this.control) this.control.disabled = true;
    }

    enable() {
      if (this.control) this.control.disabled = false;
    }

    focus() {
      if (this.control) this.control.focus();
    }

    blur() {
      if (this.control) this.control.blur();
    }

    clear() {
      if (FIELDS[this.type] && this.control) this.control.value = "";
    }

    unmount() {
      if (this.host) this.host.remove();
      this.host = null;
      this.control = null;
    }

    destroy() {
      this.unmount();
      this.listeners.clear();
      const at = this.siblings.indexOf(this);
      if (at >= 0) this.siblings.splice(at, 1);
    }

    // -- behind it --

    isMounted() {
      return Boolean(this.host && this.host.isConnected);
    }

    text() {
      if (this.type === "savePaymentInstrument") return Boolean(this.control && this.control.checked);
      return this.control ? this.control.value : "";
    }

    emit(event, detail) {
      for (const handler of this.listeners.get(event) || []) handler(detail);
    }

    draw() {
      const kept = FIELDS[this.type] && this.control ? this.control.value : "";
      const field = FIELDS[this.type];
      const root = this.host.shadowRoot;
      root.replaceChildren();
      if (field) this.control = this.drawField(field, kept);
      else if (this.type === "savePaymentInstrument") this.control = this.drawCheckbox(root);
      else if (this.type === "upiQr" || this.type === "paymentComponent") this.control = this.drawContainer();
      else this.control = this.drawButton();
      const style = (this.options.style || {}).base || this.options.style || {};
      for (const name of Object.keys(style)) {
        if (typeof style[name] === "string" && name in this.control.style) this.control.style[name] = style[name];
      }
      if (!this.control.isConnected) root.append(this.control);
    }

    drawField(field, kept) {
      const input = document.createElement("input");
      input.style.cssText = "box-sizing:border-box;width:100%;font:inherit;padding:8px";
      input.type = field.secret ? "password" : "text";
      input.inputMode = field.mode || "text";
      input.autocomplete = field.complete;
      input.placeholder = this.options.values.placeholder || field.placeholder;
      input.setAttribute("aria-label", field.label);
      input.value = kept || (field.value && this.options.values[field.value]) || "";
      input.addEventListener("input", () => {
        input.value = field.format(input.value);
        const complete = field.isComplete(input.value);
        this.emit("change", { complete: complete, value: field.reported(input.value), error: undefined });
      });
      input.addEventListener("focus", () => this.emit("focus", {}));
      input.addEventListener("blur", () => {
        this.emit("blur", {});
        const complete = field.isComplete(input.value);
        input.setAttribute("aria-invalid", String(input.value !== "" && !complete));
        if (input.value === "" || complete) return;
        const error = { code: "invalid_" + this.type, message: field.wrong };
        this.emit("change", { complete: false, value: field.reported(input.value), error: error });
        this.emit("error", { error: error });
      });
      return input;
    }

    drawCheckbox(root) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.addEventListener("change", () => this.emit("change", { complete: true, value: box.checked }));
      label.append(box, " " + (this.options.values.label || LABELS[this.type]));
      root.append(label);
      return box;
    }

    drawContainer() {
      const box = document.createElement("div");
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", LABELS[this.type]);
      return box;
    }

    drawButton() {
      const button = document.createElement("button");
      button.type = "button";
      button.style.cssText = "font:inherit;padding:8px 16px";
      button.textContent = this.options.values.buttonText || LABELS[this.type] || this.type;
      button.addEventListener("click", () => this.emit("paymentrequested", { complete: true, value: this.options.values }));
      return button;
    }

    /** Shows a UPI code until the payment has ended. */
    async showCode(paymentId, result) {
      const picture = document.createElement("img");
      picture.src = VIEW + "/payments/" + encodeURIComponent(paymentId) + "/qr.svg";
      picture.alt = "QR code of this payment for a UPI app";
      picture.width = picture.height = Number.parseInt(this.options.values.size, 10) || 220;
      this.control.replaceChildren(picture);
      const end = await result;
      this.control.replaceChildren();
      return end;
    }
  }

  // ---- Paying ----

  /** The `payment_method` that a mounted component stands for, or a failure. */
  function methodOf(component) {
    if (!component.isMounted()) {
      return failure("component_not_mounted", "Mount the component `" + component.type + "` before paying with it.");
    }
    const values = component.options.values;
    switch (component.type) {
      case "cardNumber": {
        const others = (type) => component.siblings.find((other) => other.type === type && other.isMounted());
        const [expiry, cvv, holder] = ["cardExpiry", "cardCvv", "cardHolder"].map(others);
        if (!component.isComplete()) return failure("invalid_payment_method", FIELDS.cardNumber.wrong);
        if (!expiry) return failure("component_not_mounted", "A card needs the component `cardExpiry`.");
        if (!expiry.isComplete()) return failure("invalid_payment_method", FIELDS.cardExpiry.wrong);
        if (!cvv || !cvv.isComplete()) return failure("cvv_required", FIELDS.cardCvv.wrong);
        const [month, year] = expiry.text().split("/").map((part) => part.trim());
        return { card: {
          channel: "link", card_number: digits(component.text()), card_expiry_mm: month, card_expiry_yy: year.slice(-2),
          card_cvv: cvv.text(), card_holder_name: holder ? holder.text() : undefined,
        } };
      }
      case "cardCvv":
        if (!component.isComplete()) return failure("cvv_required", FIELDS.cardCvv.wrong);
        if (!isText(values.instrumentId)) {
          return failure("invalid_payment_method", "A saved card needs `values.instrumentId`.");
        }
        return { card: { channel: "link", instrument_id: values.instrumentId, card_cvv: component.text() } };
      case "upiCollect":
        if (!component.isComplete()) return failure("invalid_payment_method", FIELDS.upiCollect.wrong);
        return { upi: { channel: "collect", upi_id: component.text() } };
      default:
        if (METHODS[component.type]) return METHODS[component.type](values);
        return failure("invalid_payment_method", "`" + component.type + "` can't be paid with.");
    }
  }

  async function pay(options) {
    const given = options || {};
    if (!isText(given.paymentSessionId)) {
      return failure("invalid_payment_session_id", "paymentSessionId is needed: it is in the created order.");
    }
    const component = given.paymentMethod instanceof Component ? given.paymentMethod : null;
    if (!component && (typeof given.paymentMethod !== "object" || given.paymentMethod === null)) {
      return failure("invalid_payment_method", "paymentMethod is a component, or an object as in the pay request.");
    }
    const method = component ? methodOf(component) : given.paymentMethod;
    if (method.error) return method;
    const refused = await sessionFailure("checkout", given.paymentSessionId);
    if (refused) return refused;
    const save = given.savePaymentInstrument;
    const response = await call(API + "/orders/sessions", {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-version": API_VERSION },
      body: JSON.stringify({
        payment_session_id: given.paymentSessionId,
        payment_method: method,
        save_instrument: save instanceof Component ? save.text() : save === true ? true : undefined,
      }),
    });
    if (!response) return unreachable();
    if (!response.ok) return failure(response.body.code, response.body.message);
    return next(response.body, given, component);
  }

  /** What follows a payment that has begun: a page of the bank, a code, or its end. */
  async function next(begun, given, component) {
    const id = begun.cf_payment_id;
    const data = begun.data || {};
    if (component && component.type === "upiQr") return component.showCode(id, ended(id));
    const page = data.url || (data.payload && (data.payload[(component && component.options.values.upiApp) || "web"] || data.payload.web));
    const stays = given.redirect === "if_required";
    if (begun.action === "post") {
      return failure("invalid_payment_method", "A card with the channel `post` takes its OTP by the API, not here.");
    }
    if (!page) {
      const end = await ended(id);
      if (stays || end.error) return end;
    }
    const target = new URL(page || VIEW + "/sessions/checkout/" + encodeURIComponent(id));
    if (isText(given.returnUrl)) target.searchParams.set("return_url", given.returnUrl);
    window.location.assign(target.href);
    return { redirect: true };
  }

  // ---- The global ----

  function Cashfree(options) {
    const mode = (options || {}).mode;
    if (mode !== "sandbox" && mode !== "production") {
      throw new Error("Cashfree({ mode }): mode is \"sandbox\" or \"production\".");
    }
    if (mode === "production") {
      console.warn("Cashfree sandbox: this script always talks to the local sandbox at " + ORIGIN + ".");
    }
    const components = [];
    return {
      version: () => "3-sandbox",
      checkout: checkout,
      subscriptionsCheckout: subscriptionsCheckout,
      pay: pay,
      create: (type, given) => {
        if (!FIELDS[type] && !LABELS[type]) throw new Error("Cashfree: there is no component `" + type + "`.");
        return new Component(type, given || {}, components);
      },
    };
  }

  window.Cashfree = Cashfree;
})();
