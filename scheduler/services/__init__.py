"""One verb a file. Each takes its clock and its actor as arguments, runs in one transaction and may be run twice.

Doors make one call here per act. Lock order, always: idempotency row, quota rows by id, pool row, units by id. No call
to a fabric, no mail and no HTTP inside a transaction.
"""
