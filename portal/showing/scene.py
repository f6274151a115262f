"""A working day in the lab: what is over, what runs, what changes at this moment, and what is to come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind, clear, set_fault
from fabric.models import DeviceClass, FabricManager, Host, Pool, ResourceBlock
from fabric.services.drivers import driver_for, emulator_path_of
from fabric.states import BlockState
from portal.accounts import service_accounts
from portal.accounts.models import User
from portal.accounts.scopes import Scope
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.token_request import TokenRequest
from portal.accounts.tokens import issue
from portal.calendars import feeds
from portal.letter_links import ExtendWish, StopWish, extend_secret, stop_secret
from portal.showing.hooks import make_hooks
from portal.showing.stage import Stage
from scheduler.models import ApprovalRule, Project, Rate, Reservation
from scheduler.notice_topics import NoticeTopic
from scheduler.parsing import parse_request
from scheduler.planning.plan import plan_from_wire
from scheduler.queries.vocabulary import vocabulary
from scheduler.requests import Window
from scheduler.series_parsing import local_text, parse_series
from scheduler.services import presets
from scheduler.services.advance_due import advance_due
from scheduler.services.cancel import cancel
from scheduler.services.cordon import cordon
from scheduler.services.delegate import delegate
from scheduler.services.inspect_pools import inspect_pools
from scheduler.services.maintenance import plan_maintenance
from scheduler.services.rates import add_rate
from scheduler.services.release import release
from scheduler.services.series import make_series
from scheduler.states import MaintenanceScope, Priority, ProjectRole

POOL = "lab"
H100, L40S, A100, NVME = "nvidia-h100-nvl-94gb", "nvidia-l40s-48gb", "nvidia-a100-pcie-80gb", "kioxia-cm7-r-15tb"
CHAT, RESEARCH = "team-chat", "team-research"
LONG = "Reproduce the long-context evaluation of the second quarter, with every seed, on the same devices as then"
RIGHT_TO_LEFT = "تقييم النموذج العربي"


@dataclass(frozen=True, slots=True)
class Scene:
    """Codes of the bookings by a word of ours, and what else stands in addresses of pages."""

    codes: Mapping[str, str]
    failed_block: str
    preset: str
    token: str
    program_token: str
    webhook: str
    message: str
    letters: Mapping[str, str]

    @property
    def values(self) -> dict[str, str]:
        more = {"failed_block": self.failed_block, "preset": self.preset}
        more |= {"token": self.token, "program_token": self.program_token}
        return {**self.codes, **more, "webhook": self.webhook, "message": self.message, **self.letters}


def play(*, now: datetime) -> Scene:
    """On a lab pool with its demo people, nothing booked yet. Ends at `now`, which should be this moment.

    Bob is new: the tour is still before him.
    """
    pool = Pool.objects.get(code=POOL)
    Pool.objects.filter(pk=pool.pk).update(simulation={**pool.simulation, "latency_scale": 0})
    pool.refresh_from_db()
    driver_for(FabricManager.objects.get(pool=pool))  # the first use makes the fabric
    alice, bob, charlie, olga = (User.objects.get(username=name) for name in ("alice", "bob", "charlie", "olga"))
    User.objects.update(time_zone=pool.time_zone)
    User.objects.exclude(username="bob").update(toured_at=now)
    stage = Stage(pool=pool, now=now - timedelta(days=3))
    _past(stage, now, alice, bob, charlie)
    _present(stage, now, alice, bob, charlie)
    failed = _trouble(stage, now, olga)
    _future(stage, now, alice, bob, charlie, olga)
    preset, token = _belongings(stage, alice)
    program_token = _programs(stage, alice)
    webhook, message = make_hooks(project=Project.objects.get(slug=CHAT), by=stage.by(alice), now=stage.now)
    series = _series(stage, now, alice)
    _this_moment(stage, now, alice, bob, charlie)
    _rates(stage, now, olga)
    return Scene(
        {name: one.code for name, one in stage.named.items()},
        failed,
        preset,
        token,
        program_token,
        webhook,
        message,
        {**_letters(alice, stage.named["active"]), "series": series},
    )


def _rates(stage: Stage, now: datetime, olga: User) -> None:
    """Nights are cheaper, low priority is cheaper still, and one class is about to cost more."""
    h100 = DeviceClass.objects.get(code=H100)
    soon = _quarter(now) + timedelta(days=9)
    for given in (
        {"percent": 60, "until_minute": 6 * 60, "valid_from": now},
        {"percent": 60, "from_minute": 22 * 60, "valid_from": now},
        {"percent": 40, "priority": Priority.LOW, "weekdays": "67", "valid_from": now},
        {"usd_per_hour": Decimal("3.20"), "device_class": h100, "valid_from": soon},
    ):
        add_rate(rate=Rate(pool=stage.pool, **given), by=stage.by(olga), now=now)


def _series(stage: Stage, now: datetime, alice: User) -> str:
    """Three mornings, a week apart."""
    first = (now + timedelta(days=10)).replace(hour=6, minute=0)
    body = {
        "project": CHAT,
        "pool": POOL,
        "title": "Regression run",
        "mix": [{"lines": [{"device_class": L40S, "count": 1}]}],
        "rule": "FREQ=WEEKLY;COUNT=3",
        "starts_local": local_text(first),
        "duration_minutes": 180,
        "on_misfit": "skip",
    }
    words = vocabulary(user_id=alice.pk)
    wish = parse_series(body, vocabulary=words, zone=stage.pool.time_zone, now=stage.now)
    return make_series(wish=wish, by=stage.by(alice), now=stage.now).code


def _letters(alice: User, active: Reservation) -> dict[str, str]:
    """What stands in the links of letters to her."""
    wish = ExtendWish(alice.pk, active.code, active.ends_at)
    return {"extend_secret": extend_secret(wish), "stop_secret": stop_secret(StopWish(alice.pk, NoticeTopic.ENDING))}


def _past(stage: Stage, now: datetime, alice: User, bob: User, charlie: User) -> None:
    stage.until(now - timedelta(hours=50))
    stage.book("ended", alice, {L40S: 4}, project=CHAT, title="Nightly evaluation", duration_minutes=360)
    stage.book("over", charlie, {A100: 2}, project=RESEARCH, title="Ablation: sparse attention", duration_minutes=600)
    stage.until(now - timedelta(hours=28))
    stage.book(
        "expired", bob, {H100: 2}, project=CHAT, title="Prompt cache warm-up", duration_minutes=120, hold_minutes=15
    )
    stage.book("cancelled", alice, {L40S: 8}, project=CHAT, title="Load test", **_between(now, -2, 4))
    stage.until(now - timedelta(hours=26))
    cancel(
        reservation=stage.named["cancelled"], by=stage.by(alice), now=stage.now, reason="The release moved to next week"
    )
    stage.until(now - timedelta(hours=20))
    path = emulator_path_of(stage.pool)
    set_fault(path=path, kind=FaultKind.BIND_FAILURE, operation="")
    stage.book("failed", charlie, {A100: 1}, project=RESEARCH, title="Smoke test of the new image", duration_minutes=60)
    stage.until(now - timedelta(hours=19))
    clear(path=path)
    ResourceBlock.objects.filter(pool=stage.pool).exclude(state=BlockState.FREE).update(
        state=BlockState.FREE, state_reason=""
    )
    Host.objects.filter(pool=stage.pool).exclude(state=BlockState.FREE).update(state=BlockState.FREE, state_reason="")


def _present(stage: Stage, now: datetime, alice: User, bob: User, charlie: User) -> None:
    stage.until(now - timedelta(hours=5))
    stage.book("active", alice, {H100: 4, NVME: 2}, project=CHAT, title="Chat: decode", duration_minutes=24 * 60)
    stage.until(now - timedelta(hours=3))
    stage.book("failing", charlie, {A100: 2}, project=RESEARCH, title="Fine-tune on tickets", duration_minutes=40 * 60)
    stage.until(now - timedelta(hours=2))
    stage.book("releasing", bob, {L40S: 2}, project=CHAT, title="Batch summaries", duration_minutes=6 * 60)
    stage.until(now - timedelta(minutes=30))


def _trouble(stage: Stage, now: datetime, olga: User) -> str:
    """A device in use fails, another is taken out by the operator."""
    plan = plan_from_wire(Reservation.objects.get(pk=stage.named["failing"].pk).plan)
    failed = plan.nodes[0].blocks[0]
    mischief.fail(path=emulator_path_of(stage.pool), block=failed, now=now.timestamp())
    for _ in range(2):  # once seen, once sure
        inspect_pools(now=stage.look())
    spare = (
        ResourceBlock.objects.filter(pool=stage.pool, state=BlockState.FREE, device_class__code=L40S)
        .order_by("code")
        .last()
    )
    if spare is not None:
        cordon(unit=spare, by=stage.by(olga), now=stage.now, reason="Fan is loud; new one ordered")
    return failed


def _consent(stage: Stage, now: datetime, alice: User, bob: User, charlie: User) -> None:
    """One waits for Alice's consent; Charlie stands in for her."""
    chat, scarce = Project.objects.get(slug=CHAT), DeviceClass.objects.get(code=A100)
    ApprovalRule.objects.create(
        pool=stage.pool, project=chat, device_class=scarce, devices_over=1, decide_minutes=3 * 24 * 60
    )
    stage.book("pending", bob, {A100: 2}, project=CHAT, title="Compare with the old cards", **_between(now, 110, 6))
    until = now + timedelta(days=7)
    delegate(giver=alice, taker=charlie, project=chat, starts_at=now, ends_at=until, by=stage.by(alice), now=now)


def _future(stage: Stage, now: datetime, alice: User, bob: User, charlie: User, olga: User) -> None:
    split = [
        {"role": "prefill", "nodes": 1, "lines": [{"device_class": H100, "count": 2}]},
        {
            "role": "decode",
            "nodes": 1,
            "lines": [{"device_class": H100, "count": 2}, {"device_class": NVME, "count": 1}],
        },
    ]
    stage.book(
        "confirmed", alice, {}, project=CHAT, title="Chat: prefill and decode", mix=split, **_between(now, 26, 20)
    )
    stage.book("long", bob, {L40S: 4}, project=CHAT, title=LONG, **_between(now, 8, 30))
    stage.book("arabic", charlie, {A100: 1}, project=RESEARCH, title=RIGHT_TO_LEFT, **_between(now, 50, 24))
    for nth, (user, project, device_class, count, title) in enumerate(
        (
            (alice, CHAT, L40S, 8, "Load test, second try"),
            (charlie, RESEARCH, H100, 8, "Pre-training, run 12"),
            (bob, CHAT, L40S, 2, "Demo for the board"),
            (charlie, RESEARCH, A100, 2, "Course: evening"),
            (alice, CHAT, H100, 4, "Chat: decode"),
            (charlie, RESEARCH, L40S, 6, "Rendering of the talk"),
        )
    ):
        stage.book(
            f"later-{nth}",
            user,
            {device_class: count},
            project=project,
            title=title,
            **_between(now, 60 + 30 * nth, 22),
        )
    _consent(stage, now, alice, bob, charlie)
    begin = _quarter(now) + timedelta(days=9)
    plan_maintenance(
        pool=stage.pool,
        scope=MaintenanceScope.HOST,
        target="host-03",
        window=Window(starts_at=begin, ends_at=begin + timedelta(hours=4)),
        decisions={},
        by=stage.by(olga),
        now=stage.now,
        reason="New firmware",
    )


def _belongings(stage: Stage, alice: User) -> tuple[str, str]:
    """What Alice and her project have made for themselves; the preset's code and the token's prefix."""
    chat, by = Project.objects.get(slug=CHAT), stage.by(alice)
    body = {
        "project": CHAT,
        "pool": POOL,
        "duration_minutes": 480,
        "mix": [{"lines": [{"device_class": H100, "count": 4}, {"device_class": NVME, "count": 2}]}],
    }
    request = parse_request(body, vocabulary=vocabulary(user_id=alice.pk), now=stage.now)
    kept = presets.save(
        project=chat,
        name="Chat: decode node",
        purpose="Four bridged H100 and two drives, as production has them.",
        body=presets.preset_body(request=request),
        by=by,
        now=stage.now,
    )
    feeds.make(user=alice, by=by, now=stage.now)
    feeds.make(user=alice, project=chat, by=by, now=stage.now)
    wish = TokenRequest(name="nightly job", scopes=(), project=CHAT, days=30)
    token, _secret = issue(user=alice, wish=wish, by=by, now=stage.now)
    return kept.code, token.prefix


def _programs(stage: Stage, alice: User) -> str:
    """Two that belong to the project; the prefix of a token of one of them."""
    chat, by = Project.objects.get(slug=CHAT), stage.by(alice)
    pipeline = ServiceAccountRequest(name="nightly")
    account = service_accounts.make(project=chat, wish=pipeline, by=by, now=stage.now)
    board = ServiceAccountRequest(name="wall-board", role=ProjectRole.VIEWER)
    service_accounts.make(project=chat, wish=board, by=by, now=stage.now)
    wish = TokenRequest(name="runner in the lab", scopes=(Scope.RESERVATIONS_WRITE, Scope.INVENTORY_READ), days=5)
    token, _secret = service_accounts.issue_token(account=account, wish=wish, by=by, now=stage.now)
    return token.prefix


def _this_moment(stage: Stage, now: datetime, alice: User, bob: User, charlie: User) -> None:
    """Begun and not finished, since nobody works on from here."""
    stage.until(now - timedelta(minutes=2))
    release(reservation=stage.named["releasing"], by=stage.by(bob), now=stage.now)
    stage.book(
        "held", charlie, {L40S: 2}, project=RESEARCH, title="Perhaps tomorrow", hold_minutes=30, **_between(now, 20, 4)
    )
    stage.book("composing", alice, {L40S: 2}, project=CHAT, title="Inference burst", duration_minutes=120)
    stage.now = max(stage.now, now)
    advance_due(now=stage.now)


def _between(now: datetime, hours_ahead: float, hours: float) -> dict[str, Any]:
    begin = _quarter(now) + timedelta(hours=hours_ahead)
    return {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=hours)).isoformat()}


def _quarter(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
