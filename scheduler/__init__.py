"""Who gets what, when: requests, planning, quotas, lifecycle, journal, tasks.

Words: Mix, Window, Padding, Reservation, Allocation, Plan, Quote, Refusal, Operation, Journal entry (docs/glossary.md).
May import `fabric`; never `portal`. The pure rooms (`states`, `requests`, `refusals`, `limits`, `planning`) import the
standard library only, so that every decision can be replayed from its inputs.
"""
