"""A small house on the real lab pool: people, projects, an emulator without latency, and a clock we turn by hand."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from fabric.models import Pool
from portal.accounts.models import User
from scheduler.mix_parsing import ClassWords
from scheduler.models import Membership, Operation, Project, Quota, Reservation
from scheduler.parsing import Vocabulary, parse_request
from scheduler.requests import Actor, ReservationRequest
from scheduler.services._lease import due_operations
from scheduler.services.advance_due import advance_due
from scheduler.services.run_operation import run_operation
from scheduler.services.submit import submit
from scheduler.states import ProjectRole

MONDAY = datetime(2030, 5, 13, 8, 0, tzinfo=UTC)
H100, L40S, A100, NVME = "nvidia-h100-nvl-94gb", "nvidia-l40s-48gb", "nvidia-a100-pcie-80gb", "kioxia-cm7-r-15tb"
WORDS = Vocabulary(
    projects={"team-chat", "team-research"},
    setup_minutes={"lab": 5},
    host_classes={"lab": {"host-large", "host-standard", "host-legacy"}},
    device_classes=dict.fromkeys((H100, L40S, A100, NVME), ClassWords()),
)
ROUNDS_MAX = 200
THREAD_SECONDS_MAX = 30


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class House:
    pool: Pool
    clock: Clock
    alice: User
    charlie: User

    def by(self, user: User) -> Actor:
        return Actor(name=user.username, user_id=user.pk, door="api")

    def ask(self, mix: dict[str, int], *, project: str = "team-chat", **more: Any) -> ReservationRequest:
        """One node with these counts by class, from now on for two hours unless said otherwise."""
        lines = [{"device_class": code, "count": count} for code, count in mix.items()]
        body = {"project": project, "pool": "lab", "mix": [{"role": "", "nodes": 1, "lines": lines}], **more}
        if "ends_at" not in body:
            body.setdefault("duration_minutes", 120)
        return parse_request(body, vocabulary=WORDS, now=self.clock.now)

    def book(self, mix: dict[str, int], *, project: str = "team-chat", **more: Any) -> Reservation:
        owner = self.alice if project == "team-chat" else self.charlie
        return submit(request=self.ask(mix, project=project, **more), by=self.by(owner), now=self.clock.now)

    def settle(self) -> None:
        """Let everything that is due at this instant happen, as beat and workers would; waiting turns the clock."""
        for _ in range(ROUNDS_MAX):
            moved = advance_due(now=self.clock.now)
            ran = [self.run(pk) for pk in due_operations(now=self.clock.now)]
            if not moved and not any(ran):
                return
        raise AssertionError("the house does not come to rest")

    def run(self, operation_id: int, *, owner: str = "worker-1") -> bool:
        return run_operation(operation_id=operation_id, owner=owner, clock=self.clock, sleep=self.clock.turn)

    def open_operation(self, reservation: Reservation) -> Operation:
        return Operation.objects.get(reservation=reservation, state__in=["queued", "running"])


def people(pool: Pool) -> tuple[User, User]:
    """Alice leads team-chat (12 accelerators at once), Charlie belongs to team-research (16)."""
    alice = User.objects.create_user("alice")
    charlie = User.objects.create_user("charlie")
    for slug, user, role, most in (
        ("team-chat", alice, ProjectRole.LEAD, 12),
        ("team-research", charlie, ProjectRole.MEMBER, 16),
    ):
        project = Project.objects.create(slug=slug, name=slug)
        Membership.objects.create(project=project, user=user, role=role)
        Quota.objects.create(project=project, pool=pool, accelerators_max=most)
    return alice, charlie


@dataclass(frozen=True)
class Truth:
    """What the emulator's own file says, read past its driver."""

    path: Path

    def attached(self) -> set[str]:
        return {code for code, _ in self._tagged()}

    def owners(self) -> set[str]:
        """Codes of the reservations named by the tags of what is attached: `heddle-<code>-n0-g1`."""
        return {tag.removeprefix("heddle-").rsplit("-", 2)[0] for _, tag in self._tagged()}

    def settings(self) -> dict[str, tuple[dict[str, int], int | None]]:
        """Layout and power cap of every card that is not as it comes."""
        with closing(sqlite3.connect(self.path)) as db:
            rows = db.execute("SELECT code, layout, power_cap_w FROM block").fetchall()
        found = {code: (json.loads(layout), cap) for code, layout, cap in rows}
        return {code: setting for code, setting in found.items() if setting != ({}, None)}

    def _tagged(self) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute("SELECT code, tag FROM block WHERE tag IS NOT NULL").fetchall()


@contextmanager
def somebody_else_holds(pool: Pool) -> Iterator[None]:
    """The pool's lock, from another connection, until the block ends. For tests with real transactions."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Pool.objects.select_for_update(no_key=True).get(pk=pool.pk)
                held.set()
                done.wait(THREAD_SECONDS_MAX)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(THREAD_SECONDS_MAX)
    try:
        yield
    finally:
        done.set()
        holder.join()
