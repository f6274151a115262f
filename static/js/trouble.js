// Waiting is shown only when it lasts; what goes wrong is said with a way on, and nothing that was typed is lost.
(() => {
  "use strict";
  const SLOW_MS = 300;
  const WORDS = {
    0: "No answer: the connection is away.",
    403: "You may not do this here.",
    404: "It is not there any more, or not for you to see.",
    409: "It has moved on in the meantime. Load the page again to see how it stands.",
    412: "Somebody changed it after you opened it. Load the page again, then go on.",
    429: "Too many at once. Wait a moment.",
    503: "The portal is just starting or stopping.",
  };
  const OUR_SIDE = "That went wrong on our side.", UNREADABLE = "That could not be read.", KEPT = " What you typed is still here.";
  const root = document.documentElement;
  const waiting = new Map();

  const isQuiet = (event) => "X-Heddle-Live" in (event.detail.requestConfig?.headers ?? {});
  const say = (detail) => document.dispatchEvent(new CustomEvent("heddle:say", { detail }));

  const settle = () => root.toggleAttribute("data-busy", [...waiting.values()].some((one) => one.isSlow));

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isQuiet(event)) return;
    const one = { isSlow: false };
    one.timer = setTimeout(() => { one.isSlow = true; event.detail.target?.setAttribute("aria-busy", "true"); settle(); }, SLOW_MS);
    waiting.set(event.detail.xhr, one);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const one = waiting.get(event.detail.xhr);
    if (!one) return;
    clearTimeout(one.timer);
    waiting.delete(event.detail.xhr);
    event.detail.target?.removeAttribute("aria-busy");
    settle();
  });

  const again = (config, target) => () => htmx.ajax(config.verb, config.path, { source: config.elt, target });

  const fail = (event, words) => {
    if (event.detail.elt.closest("dialog[open]")) return;  // it says so itself: nothing outside of it can be reached
    const config = event.detail.requestConfig;
    if (config.verb === "get") say({ text: words, label: "Try again", act: again(config, event.detail.target) });
    else say({ text: words + KEPT });
  };

  document.addEventListener("htmx:sendError", (event) => { if (!isQuiet(event)) fail(event, WORDS[0]); });
  document.addEventListener("htmx:timeout", (event) => { if (!isQuiet(event)) fail(event, WORDS[0]); });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) signedOut();
    else if (!isQuiet(event)) fail(event, WORDS[status] ?? (status < 500 ? UNREADABLE : OUR_SIDE));
  });

  // The session has ended. Whoever has typed something signs in beside this page, and goes on in it; anybody else is
  // sent to the sign-in, and comes back here.
  const typed = new Set();
  document.addEventListener("input", (event) => { if (event.target.form?.method === "post") typed.add(event.target.form); });
  const hasTyped = () => [...typed].some((form) => form.isConnected);

  const signedOut = () => {
    if (!hasTyped()) { location.reload(); return; }
    say({ text: `Your session has ended.${KEPT}`, label: "Sign in", act: () => { window.open("/login", "_blank"); isAway = true; } });
  };

  // A form is tied to the session it was made in: after signing in beside it, it is tied to the new one.
  let isAway = false;
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || !isAway) return;
    const answer = await fetch("/palette/", { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("#palette-acts [name=csrfmiddlewaretoken]")?.value;
    if (!token) return;
    isAway = false;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
    say({ text: "Signed in again. Go on where you were.", tone: "ok" });
  });
})();
