"""Pools to measure in: a shipped pool under a code of its own, a project without a ceiling, and somebody who books."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from fabric.models import Pool
from fabric.pools import load_pool
from fabric.queries.topology import topology
from fabric.services.sync import sync_pool
from fabric.topology import PoolTopology
from portal.accounts.models import User
from portal.bench.calendars import HOURS
from scheduler.models import Membership, Project, Quota
from scheduler.requests import Actor, Group, Line, Mix, ReservationRequest, Window
from scheduler.states import ProjectRole

PROJECT, PERSON = "bench", "bench"
CARDS = 4  # of a usual request: with its host five allocations


@dataclass(frozen=True)
class World:
    """`classes` are the accelerators of the pool that can be asked for one by one, most of them first."""

    pool: Pool
    project: Project
    by: Actor
    now: datetime
    topology: PoolTopology
    classes: tuple[str, ...]

    def request(self, chance: Random, *, groups: int = 1, cards: int = CARDS, kinds: int = 1) -> ReservationRequest:
        """2–24 h somewhere before the horizon; every group takes its cards of the next class, or of several."""
        lines = [tuple(Line(self._kind(at + nth), _even(cards, kinds)) for nth in range(kinds)) for at in range(groups)]
        mix = Mix(tuple(Group(role=f"g{at}" if groups > 1 else "", nodes=1, lines=one) for at, one in enumerate(lines)))
        return self.asking(mix, self.window(chance))

    def asking(self, mix: Mix, window: Window) -> ReservationRequest:
        request = ReservationRequest(
            project=self.project.slug, pool=self.pool.code, title="Measured", mix=mix, window=window
        )
        return replace(request, wire=body_of(request))

    def window(self, chance: Random) -> Window:
        policy = self.topology.policy
        raster = timedelta(minutes=policy.slot_minutes)
        length = timedelta(hours=chance.randint(*HOURS))
        latest = timedelta(days=policy.horizon_days) - length - timedelta(hours=2)
        starts_at = self.now + timedelta(hours=1) + raster * chance.randrange(int(latest / raster))
        return Window(starts_at=starts_at, ends_at=starts_at + length)

    def _kind(self, nth: int) -> str:
        return self.classes[nth % len(self.classes)]


def settle(*, shipped: str, code: str, now: datetime) -> World:
    """Write one."""
    pool = sync_pool(parsed=replace(load_pool(shipped), code=code, name=code), now=now)
    project, _ = Project.objects.get_or_create(slug=PROJECT, defaults={"name": "Bench"})
    Quota.objects.get_or_create(project=project, pool=pool)
    person, _ = User.objects.get_or_create(username=PERSON)
    Membership.objects.get_or_create(project=project, user=person, defaults={"role": ProjectRole.LEAD})
    return found(code, now=now)


def found(code: str, *, now: datetime) -> World:
    """One that is there. `now` is cut to the hour, so that windows lie on every pool's raster."""
    shape = topology(pool_code=code)
    return World(
        pool=Pool.objects.get(code=code),
        project=Project.objects.get(slug=PROJECT),
        by=Actor(name=PERSON, user_id=User.objects.get(username=PERSON).pk, door="command"),
        now=now.replace(minute=0, second=0, microsecond=0),
        topology=shape,
        classes=_classes(shape),
    )


def body_of(request: ReservationRequest) -> dict[str, object]:
    """The request as a program would send it."""
    groups = [
        {
            "role": group.role,
            "nodes": group.nodes,
            "lines": [{"device_class": line.device_class, "count": line.count} for line in group.lines],
        }
        for group in request.mix.groups
    ]
    return {
        "project": request.project,
        "pool": request.pool,
        "title": request.title,
        "starts_at": request.window.starts_at.isoformat(),
        "ends_at": request.window.ends_at.isoformat(),
        "mix": groups,
    }


def _classes(shape: PoolTopology) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for block in shape.blocks.values():
        facts = shape.classes[block.device_class]
        if block.pru is not None and block.is_usable and facts.is_accelerator and facts.allocation_unit_devices == 1:
            counts[facts.code] = counts.get(facts.code, 0) + 1
    return tuple(sorted((code for code, count in counts.items() if count >= CARDS), key=lambda code: -counts[code]))


def _even(cards: int, kinds: int) -> int:
    """Bridged cards come in pairs, so a share of them is an even number where it can be."""
    share = max(1, cards // kinds)
    return share if share == 1 else share // 2 * 2
