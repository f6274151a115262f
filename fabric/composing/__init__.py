"""Wiring one node and taking it apart: a pure plan, an executor without choices, and the comparison with the fabric.

Words: Step (do) and undo (`steps`), plan (`plan`), intent row (`intent`: written and committed before the fabric is
touched), read-back (`readback`: what the fabric shows, the only thing that opens or closes an Attachment), reconcile.
Doors: `run.compose_node`, `run.release_node`, `reconcile.reconcile`. `plan` and `steps` are pure. Knows no clock, no
sleep and no reservation: the caller hands in `clock`, `wait`, `is_current` and `on_step`.
"""
