"""A deterministic simulation of the whole life of reservations: one thread, one heap of events, one seed.

It runs the product's own code (the executor, the comparison with the fabric, the verdicts) on books and a fabric in
memory, with a clock that jumps from event to event. The same seed gives the same trace. `python -m tests.simulation`.
"""
