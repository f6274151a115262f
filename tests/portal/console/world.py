"""Some rows of everything, hanging on the first of their kind, so that lists and pages of one grow together."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Group

from fabric import models as fabric
from fabric.states import CompositionState, DriftKind, RepairKind, ResizeState, StepKind
from portal.accounts.models import ApiToken, CalendarFeed, User
from portal.console.powers import operator_permissions
from scheduler import journal, models
from scheduler.journal_kinds import JournalKind
from scheduler.notice_topics import NoticeTopic
from scheduler.requests import Actor
from scheduler.states import MaintenanceScope, OperationKind, OperationState, ReservationState, Route, Verdict

NOON = datetime(2020, 5, 13, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)


def operator() -> User:
    """Olga: staff, with the powers of operators, and no superuser."""
    olga = User.objects.create_user("olga", is_staff=True)
    group = Group.objects.create(name="operators")
    group.permissions.set(operator_permissions())
    olga.groups.add(group)
    return olga


def build(rows: int) -> None:
    units = [_inventory(number) for number in range(rows)]
    (host, first_block), pool = units[0], units[0][0].pool
    project = models.Project.objects.create(slug="team-chat", name="Chat")
    user = User.objects.create_user("alice")
    models.Membership.objects.create(project=project, user=user, role="lead")
    reservation = _reservation(project, pool, user, "r-first")
    composition = _composition(host, 1)
    for number, (_, block) in enumerate(units):
        other = User.objects.create_user(f"user-{number}")
        team = models.Project.objects.create(slug=f"team-{number}", name="Team")
        models.Membership.objects.create(project=team, user=other, role="member")
        models.Quota.objects.create(project=team, pool=pool)
        first_quota = models.Quota.objects.order_by("id")[0]
        models.Ceiling.objects.create(quota=first_quota, device_class=block.device_class)
        models.Rate.objects.create(pool=pool, device_class=block.device_class, usd_per_hour=1, valid_from=NOON)
        _again(team, pool, other, number)
        _waiting(_reservation(team, pool, other, f"r-{number}"), other, number)
        _choices(team, other, number)
        _composition(host, number + 2)
        _wiring(composition, block, host, number)
        _bookings(reservation, composition, block, user, number)
        fabric.Device.objects.create(block=first_block, serial=f"S{number}")
        Group.objects.create(name=f"group-{number}")


def _inventory(number: int) -> tuple[fabric.Host, fabric.ResourceBlock]:
    pool = fabric.Pool.objects.create(
        code=f"pool-{number}", name="Pool", time_zone="Europe/Berlin", currency="USD", policy={}
    )
    manager = fabric.FabricManager.objects.create(pool=pool, code=f"fm-{number}")
    zone = fabric.Zone.objects.create(pool=pool, code=f"zone-{number}", fabric_manager=manager)
    fabric.Network.objects.create(
        pool=pool, code=f"net-{number}", protocol="roce", rails=1, port_rate_gbit_per_s=400, switch_ports=64
    )
    rack = fabric.Rack.objects.create(
        pool=pool, code=f"rack-{number}", height_u=42, budget_w=20_000, cooling_limit_w=20_000
    )
    pru = fabric.Pru.objects.create(
        pool=pool, code=f"pru-{number}", rack=rack, zone=zone, unit=1, template="t", model="M", base_w=100, facts={}
    )
    host = fabric.Host.objects.create(
        pool=pool, code=f"host-{number}", rack=rack, zone=zone, unit=1, template="t", model="M", base_w=100,
        facts={"limits": {"hot_add": True, "reboot_seconds": 0}},
    )  # fmt: skip
    device_class = fabric.DeviceClass.objects.create(
        code=f"class-{number}", name="Class", vendor="V", kind="gpu", poolability="pooled", facts={}
    )
    block = fabric.ResourceBlock.objects.create(
        pool=pool, code=f"block-{number}", device_class=device_class, pru=pru, zone=zone, slot_kind="x16", slot=number
    )
    return host, block


def _reservation(project: models.Project, pool: fabric.Pool, user: User, code: str) -> models.Reservation:
    return models.Reservation.objects.create(
        code=code, project=project, pool=pool, created_by=user, request={}, plan={}, price={}, starts_at=NOON,
        ends_at=LATER, busy_from=NOON, busy_until=LATER, state=ReservationState.CONFIRMED, created_at=NOON,
        updated_at=NOON,
    )  # fmt: skip


def _again(project: models.Project, pool: fabric.Pool, user: User, number: int) -> None:
    models.Series.objects.create(
        code=f"s-{number}", project=project, pool=pool, created_by=user, rule="FREQ=DAILY;COUNT=2", time_zone="UTC",
        starts_local="2030-05-13T09:00", duration_minutes=60, request={}, created_at=NOON, updated_at=NOON,
    )  # fmt: skip


def _waiting(reservation: models.Reservation, user: User, number: int) -> None:
    models.WaitlistEntry.objects.create(
        reservation=reservation, not_before=NOON, not_after=LATER, duration_minutes=60, accept_minutes=60,
        queued_at=NOON,
    )  # fmt: skip
    models.CapacityAlert.objects.create(
        code=f"a-{number}", user=user, project=reservation.project, pool=reservation.pool, request={}, not_before=NOON,
        not_after=LATER, duration_minutes=60, created_at=NOON,
    )  # fmt: skip


def _composition(host: fabric.Host, generation: int) -> fabric.Composition:
    return fabric.Composition.objects.create(
        pool=host.pool, fabric_manager=fabric.FabricManager.objects.get(pool=host.pool), host=host, owner="r-first",
        tag=f"heddle-r-first-0-{generation}", node=0, generation=generation, state=CompositionState.CLOSED,
        opened_at=NOON,
    )  # fmt: skip


def _wiring(composition: fabric.Composition, block: fabric.ResourceBlock, host: fabric.Host, number: int) -> None:
    composition.blocks.add(block)
    fabric.CompositionStep.objects.create(
        composition=composition, position=number, kind=StepKind.COMPOSE, op_key=f"op-{number}", attempt=1, fence=1,
        target={},
    )  # fmt: skip
    fabric.Attachment.objects.create(block=block, host=host, composition=composition, since=NOON)
    fabric.ReleaseProof.objects.create(
        composition=composition, block=block, is_proven=True, evidence={}, observed_at=NOON
    )
    fabric.Drift.objects.create(
        pool=block.pool, block=block, kind=DriftKind.LOST, first_seen_at=NOON, last_seen_at=NOON
    )
    fabric.Resize.objects.create(
        composition=composition, round=number + 1, state=ResizeState.DONE, opened_at=NOON, finished_at=NOON
    )
    manager = composition.fabric_manager
    fabric.Repair.objects.create(
        pool=block.pool, fabric_manager=manager, kind=RepairKind.DETACH, op_key=f"repair-{number}", reason="Orphan",
        by_name="heddle", created_at=NOON,
    )  # fmt: skip
    fabric.MutationTurn.objects.create(fabric_manager=manager, op_key=f"turn-{number}", until=LATER)
    fabric.DriverNote.objects.create(fabric_manager=manager, op_key=f"note-{number}", kind="compose", body={})
    fabric.DriverBlock.objects.create(fabric_manager=manager, code=f"block-{number}")


def _choices(team: models.Project, user: User, number: int) -> None:
    """What a person keeps for themselves and their project."""
    CalendarFeed.objects.create(
        user=user, project=team, prefix=f"feed-{number}", secret_sha256=f"digest-{number}", created_at=NOON
    )
    models.NoticeChoice.objects.create(user=user, topic=NoticeTopic.ENDING, is_wanted=False)
    models.NoticeTimes.objects.create(user=user)
    models.Preset.objects.create(
        code=f"p-{number}", project=team, name="Preset", body={}, created_by=user, created_at=NOON
    )
    _hooks(team, user, number)


def _hooks(team: models.Project, user: User, number: int) -> None:
    models.Webhook.objects.create(
        code=f"wh-{number}", project=team, url="https://example.org/as-good-as-a-password", sealed_secret="sealed-new",
        sealed_old_secret="sealed-old", created_by=user, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    first_hook = models.Webhook.objects.order_by("id")[0]
    models.WebhookDelivery.objects.create(
        webhook=first_hook, message_id=f"msg-{number}", kind="webhook.test", body="{}", created_at=NOON
    )
    first_message = models.WebhookDelivery.objects.order_by("id")[0]
    models.WebhookTry.objects.create(delivery=first_message, at=NOON, status=503)


def _bookings(
    reservation: models.Reservation,
    composition: fabric.Composition,
    block: fabric.ResourceBlock,
    user: User,
    number: int,
) -> None:
    models.Allocation.objects.create(
        reservation=reservation, pool=reservation.pool, block=block, node=0, during=(NOON, LATER)
    )
    models.Maintenance.objects.create(
        code=f"m-{number}", pool=reservation.pool, scope=MaintenanceScope.BLOCK, target=block.code, starts_at=NOON,
        ends_at=LATER, reason="New fan", created_by_name="olga", created_at=NOON,
    )  # fmt: skip
    models.Operation.objects.create(
        kind=OperationKind.COMPOSE, reservation=reservation, composition=composition,
        fabric_manager=composition.fabric_manager, state=OperationState.DONE, due_at=NOON, deadline_at=LATER,
        created_at=NOON,
    )  # fmt: skip
    models.Quote.objects.create(
        code=f"q-{number}", project=reservation.project, pool=reservation.pool, created_by=user, request={}, plan={},
        price={}, watts=1, warm_up_seconds=1, expires_at=LATER, created_at=NOON,
    )  # fmt: skip
    models.IdempotencyKey.objects.create(
        user=user, key=f"key-{number}", method="POST", path="/", body_sha256="", locked_until=LATER, created_at=NOON
    )
    ApiToken.objects.create(
        user=user, name=f"token-{number}", prefix=f"prefix-{number}", secret_sha256=f"digest-{number}",
        created_at=NOON, expires_at=LATER,
    )  # fmt: skip
    _consent(reservation, user, number)
    models.Utilisation.objects.create(block=block, at=NOON, percent=number)
    # ended: one of the kinds that its booker is told about
    ended = journal.record(
        kind=JournalKind.RESERVATION_ENDED, message="It ended.", by=Actor(name="heddle"), now=NOON,
        reservation=reservation,
    )  # fmt: skip
    models.Letter.objects.create(user=user, entry=ended, due_at=NOON, created_at=NOON)


def _consent(reservation: models.Reservation, user: User, number: int) -> None:
    """A rule, a question that was answered, and who stands in meanwhile."""
    models.ApprovalRule.objects.create(pool=reservation.pool, project=reservation.project, devices_over=number)
    models.Approval.objects.create(
        reservation=reservation, route=Route.LEAD, asked_at=NOON, expires_at=LATER, verdict=Verdict.APPROVED,
        decided_at=NOON, decided_by=user, on_behalf_of=user,
    )  # fmt: skip
    other = User.objects.create_user(f"stand-in-{number}")
    models.Delegation.objects.create(
        giver=user, taker=other, project=reservation.project, starts_at=NOON, ends_at=LATER, created_at=NOON
    )
