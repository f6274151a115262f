"""Turns at changing a fabric: a queue in the database, across all processes, so that nobody is starved.

Real control planes refuse or lose edits made side by side. Whoever wants to change something stands in the queue under
a key of its own and may go on while it is among the first; a place that nobody keeps is given up when its lease ends.
"""

from datetime import datetime

from django.db import transaction

from fabric.models import FabricManager, MutationTurn


@transaction.atomic
def take_turn(*, manager_id: int, key: str, now: datetime, until: datetime, at_most: int) -> bool:
    """Stand in the queue, or keep the place until `until`; whether it is among the first `at_most` of those alive.

    Serialised by the manager's row, so that two cannot both count themselves first.
    """
    FabricManager.objects.select_for_update(no_key=True).get(id=manager_id)
    MutationTurn.objects.filter(fabric_manager_id=manager_id, until__lt=now).exclude(op_key=key).delete()
    mine, _ = MutationTurn.objects.update_or_create(fabric_manager_id=manager_id, op_key=key, defaults={"until": until})
    return MutationTurn.objects.filter(fabric_manager_id=manager_id, id__lt=mine.id).count() < at_most


def return_turn(*, manager_id: int, key: str) -> None:
    MutationTurn.objects.filter(fabric_manager_id=manager_id, op_key=key).delete()
