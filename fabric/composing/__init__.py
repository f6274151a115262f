"""Wiring one node and taking it apart: a pure plan, an executor without choices, and the comparison with the fabric.

Words: Step (do) and undo (`steps`), plan (`plan`), intent (`intent`: written for good before the fabric is touched),
books (`books`: what the executor reads and writes, as a protocol; `ledger` keeps them in the database), read-back
(`readback`: what the fabric shows, the only thing that opens or closes an attachment), reconcile.
A change of a node in use is a round of its own (`resizing`); changes of a fabric take turns (`queueing`).
Doors: `nodes.compose_node`, `nodes.release_node`, `nodes.resize_node`, `reconcile.reconcile`; `run` and `resizing` are
the same executor on any books.
Knows no clock, no sleep and no reservation: the caller hands in `clock`, `wait`, `is_current` and `on_step`.
"""
