// Keeps a page true: hears what happened over one socket and lets htmx read the fragments again that show it.
// A fragment says what it shows in data-live, as words: references (r-abc), pools (pool:lab), kinds (reservation).
// Without a socket everything is read again every few seconds. <body data-connection> tells which: live, polling, offline.
(() => {
  "use strict";
  const POLL_MS = 5000, GATHER_MS = 250, RETRY_MS_MIN = 1000, RETRY_MS_MAX = 30000, ASLEEP_MS = 45000;
  const body = document.body;
  const address = body.dataset.liveUrl;
  if (!address) return;

  let lastId = body.dataset.liveAfter || "";
  let retryMs = RETRY_MS_MIN;
  let socket = null;
  let retrying = 0;
  let isOpen = false;
  let isUnreachable = false;
  let wasLive = false;  // heard anything at all on this page
  let gathering = 0;
  const wanted = new Set();  // ids of fragments to read again
  const reading = new Set();  // ids of fragments whose answer is under way

  // A page that has just opened says nothing aloud; only what changes later is news.
  const NEWS = { live: "Live again", polling: "Connection lost: looking every few seconds", offline: "Offline: what you see may be old" };
  let told = "live";
  const show = () => {
    const state = isOpen ? "live" : navigator.onLine && !isUnreachable ? "polling" : "offline";
    const wasSeen = body.dataset.connection;
    body.dataset.connection = state;
    if (!wasLive || state === told) return;
    told = state;
    const place = document.getElementById("connection-news");
    if (place && wasSeen) place.textContent = NEWS[state];
  };

  const fragments = () => document.querySelectorAll("[data-live][id]");

  const says = (word, kind, reference, pool) =>
    word === reference || word === kind || kind.startsWith(word + ".") || word === "pool:" + pool ||
    (kind.startsWith("pool.") && word === "pool:" + reference);

  // Somebody who is typing in a fragment is not disturbed.
  const isEdited = (element) => {
    const field = document.activeElement;
    return field !== null && element.contains(field) && field.matches("input, select, textarea");
  };

  const want = (isMeant) => {
    for (const element of fragments()) if (isMeant(element)) wanted.add(element.id);
    if (wanted.size && !gathering) gathering = setTimeout(readAgain, GATHER_MS);
  };

  // A fragment that is being read now may already be stale: it keeps its place, and is read once more after that.
  const readAgain = () => {
    gathering = 0;
    for (const id of [...wanted]) {
      const element = document.getElementById(id);
      if (element && (reading.has(id) || isEdited(element))) continue;
      wanted.delete(id);
      if (element) element.dispatchEvent(new CustomEvent("live"));
    }
    if (wanted.size) gathering = setTimeout(readAgain, GATHER_MS);
  };

  const everything = () => want(() => true);

  const hear = (event) => {
    const { id, kind, reference, pool } = JSON.parse(event.data);
    lastId = String(id);
    if (kind === "resync") everything();
    else want((element) => element.dataset.live.split(/\s+/).some((word) => says(word, kind, reference, pool)));
  };

  const connect = () => {
    clearTimeout(retrying);
    if (!navigator.onLine) { retrying = setTimeout(connect, POLL_MS); return; }
    const url = new URL(address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("after", lastId);
    socket = new WebSocket(url);
    socket.onopen = () => { isOpen = wasLive = true; isUnreachable = false; retryMs = RETRY_MS_MIN; show(); };
    socket.onmessage = hear;
    socket.onclose = lost;
  };

  const lost = () => {
    isOpen = false;
    show();
    retrying = setTimeout(connect, retryMs * (0.5 + Math.random()));
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
  };

  // A socket may be dead without saying so: after sleep, or when the network went away. A new one tells what was missed.
  const drop = () => {
    if (!socket) return;
    socket.onclose = socket.onmessage = socket.onopen = null;
    socket.close();
    isOpen = false;
  };
  const renew = () => { drop(); retryMs = RETRY_MS_MIN; connect(); };

  // The element that asked: once it is replaced, htmx tells of the answer on what is left around it.
  const asker = (event) => event.detail.requestConfig.elt;
  body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.triggeringEvent?.type === "live") event.detail.headers["X-Heddle-Live"] = "1";
  });
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (asker(event).dataset.live) reading.add(asker(event).id);
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const { id, dataset } = asker(event);
    if (!dataset.live) return;
    const { successful, xhr: { status } } = event.detail;
    if (!successful || status === 204) reading.delete(id);
    if (status === 0 || status >= 500) setTimeout(() => want((element) => element.id === id), POLL_MS);
    isUnreachable = status === 0;
    show();
  });
  // Only now does what took its place listen: told before, it would not read.
  body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig) reading.delete(asker(event).id);
  });

  window.addEventListener("online", () => { show(); renew(); everything(); });
  window.addEventListener("offline", () => { drop(); lost(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { renew(); everything(); } });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !isOpen) everything(); });
  let awakeAt = Date.now();
  setInterval(() => {
    const wasAsleep = Date.now() - awakeAt > ASLEEP_MS;
    awakeAt = Date.now();
    if (document.hidden) return;
    if (wasAsleep) renew();
    if (!isOpen) everything();
  }, POLL_MS);
  show();
  connect();
})();
