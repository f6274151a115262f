"""What the browser hears while it waits: small entries (id, kind, reference) over one socket.

The journal in the database is the truth; Valkey carries only a wake-up. One *hub* a process reads what is new once
and hands it to its local sockets, each of which shows its *viewer* what that person may see. A page says from which
entry on it is stale (`request.live_after`), so that nothing falls between the page and the socket. Without Valkey the
hub looks by itself; without a socket the page asks again every few seconds. May use `scheduler.queries` and the
accounts' rows.
"""
