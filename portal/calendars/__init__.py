"""Calendar feeds: secret addresses at which calendar programs read reservations, as iCalendar (RFC 5545, RFC 7986).

`feeds` makes, rotates and removes them, `contents` reads what one shows at this moment, `events` (pure) writes it down.
Whoever has the address reads it without signing in, so it shows only what its user may see now, and of other projects'
reservations nothing but that something is busy.
"""
