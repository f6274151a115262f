"""What exists and how it is wired: inventory, drivers, compositions.

Words: Pool, Fabric manager, Resource block, Device, PRU, Host, Zone, Composition, Attachment, Drift (docs/glossary.md).
Knows no users, no reservations and no clock: whatever needs a person, a window or the time gets it as an argument.
May import: nothing of `scheduler` or `portal`. Reports upward by return values and by functions it was given.
"""
