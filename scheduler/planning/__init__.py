"""The planner: does a mix fit in a window, where, and if not, why not. Pure: no Django, no I/O, no clock, no chance.

Front door: `admission.decide(request, snapshot)` gives a `Plan` or raises `Refused` with *all* reasons.
Words: Snapshot, Commitment, Plan, Node, Refusal. May import the standard library, `fabric.topology` and the
scheduler's pure words.
"""
