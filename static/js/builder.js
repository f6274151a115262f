// The form of the mix builder: Enter checks and never books, a new form takes the place of the old without losing what
// was typed meanwhile, the verdict is said aloud, and a draft stays in this tab until it is booked.
(() => {
  "use strict";
  const DRAFT_MINUTES_MAX = 12 * 60;
  const form = () => document.getElementById("booking");
  const tell = (field, kind) => field.dispatchEvent(new Event(kind, { bubbles: true }));

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || !event.target.closest?.("#booking")) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      form().requestSubmit(document.getElementById("book"));
    } else if (event.target.matches("input:not([type=checkbox], [type=radio])")) {
      event.preventDefault();  // going on typing is neither booking nor a new page
      tell(document.getElementById("check"), "check-now");
    }
  });

  // A new form in place of the old: what was typed meanwhile is kept, the keyboard goes where the edit was.
  const typed = () => new Map([...new FormData(form())].filter(([name]) => !["csrfmiddlewaretoken", "form_key"].includes(name)));
  const isForm = (event) => event.detail.target?.id === "booking";
  let sent = null, late = null, isRenewed = false;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isForm(event)) sent = typed();
    const cause = event.detail.requestConfig?.triggeringEvent;
    if (event.detail.elt.id === "check" && cause?.target instanceof Element && cause.target.matches("#project, #pool")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isForm(event)) return;
    if ([400, 409].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; }
    late = sent && new Map([...typed()].filter(([name, value]) => sent.get(name) !== value));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isForm(event)) { if (event.detail.target?.id === "verdict") say(); return; }
    for (const [name, value] of late || []) {
      const field = form().elements[name];
      if (field instanceof HTMLInputElement && !["checkbox", "radio"].includes(field.type)) field.value = value;
    }
    late = sent = null;
    isRenewed = true;
  });
  const focus = () => document.getElementById(form().dataset.focus || "-")?.focus();
  document.addEventListener("htmx:afterSettle", () => {  // only now do the new buttons know htmx
    if (isRenewed && form()) focus();
    isRenewed = false;
  });

  // The verdict in one line: for the bar of a phone, and for who listens. Not out of band: while a new form comes, the
  // bar is away for a moment, and the next check finds it again.
  const say = () => {
    const checked = document.getElementById("checked"), shown = document.getElementById("headline");
    if (!shown) return;
    if (checked) {
      shown.textContent = checked.textContent || "Choose devices and a time";
      shown.className = `headline${checked.dataset.tone ? ` mark ${checked.dataset.tone}` : ""}`;
    }
    const said = document.getElementById("verdict-said");
    if (said && said.textContent !== shown.textContent) said.textContent = shown.textContent;
  };

  // Nothing typed is lost: kept in this tab until it is booked.
  const key = () => `heddle-draft-${form().dataset.person}`;
  const draft = () => {
    try {
      const kept = JSON.parse(sessionStorage.getItem(key()));
      return kept && Date.now() - kept.at < DRAFT_MINUTES_MAX * 60000 ? kept : null;
    } catch { return null; }
  };
  const keep = () => {
    const now = { at: Date.now(), form: form().elements.form_key.value, values: [...typed()] };
    try { sessionStorage.setItem(key(), JSON.stringify(now)); } catch { /* a full or forbidden store keeps nothing */ }
  };
  const forget = () => { sessionStorage.removeItem(key()); document.getElementById("draft").hidden = true; };
  const bring = (kept) => {
    const values = Object.fromEntries(kept.values);
    values.action = "refresh";
    values.csrfmiddlewaretoken = form().elements.csrfmiddlewaretoken.value;
    document.getElementById("draft").hidden = true;
    window.htmx.ajax("POST", form().getAttribute("action"), { target: "#booking", swap: "outerHTML", values, source: document.getElementById("draft") });
  };
  const isBooked = (kept) => document.cookie.split("; ").includes(`heddle_booked=${kept.form}`);
  document.addEventListener("input", (event) => { if (event.target.closest("#booking")) keep(); });
  document.addEventListener("change", (event) => { if (event.target.closest("#booking")) keep(); });
  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-draft]")?.dataset.draft;
    if (act === "bring" && draft()) bring(draft());
    if (act === "forget") forget();
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (!form()) return;
    say();
    focus();
    const kept = draft();
    if (!kept) return;
    const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (!cameBack && isBooked(kept)) { forget(); return; }
    if (!form().hasAttribute("data-fresh") && !cameBack) return;
    if (cameBack || new URL(document.referrer || location.href).pathname === "/login") bring(kept);
    else document.getElementById("draft").hidden = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (isForm(event)) keep(); });
})();
