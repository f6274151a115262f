"""Say in the row of a call's Idempotency-Key that the call has committed, in the very transaction that commits it.

So that after a crash before the answer the same call is answered, and not made again.
"""

from scheduler.models import IdempotencyKey
from scheduler.requests import Actor


def mark_committed(*, by: Actor, reference: str) -> None:
    """Inside the transaction. `reference` is the code of what was made or changed; the first one stays."""
    if by.call is not None:
        running = IdempotencyKey.objects.filter(id=by.call, status=IdempotencyKey.RUNNING)
        running.update(status=IdempotencyKey.COMMITTED, answer={"reference": reference})
