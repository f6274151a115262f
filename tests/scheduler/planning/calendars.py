"""A pool with reservations that may be moved, and one more request: made from a seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from fabric.topology import PoolTopology
from scheduler.planning.attempts import attempt
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.repacking import Movable
from scheduler.planning.snapshot import Commitment
from scheduler.requests import Group, Line, Mix, Placement, ReservationRequest
from tests.scheduler.planning.instances import DRIVE, GPU, OTHER, SELECTORS, Instance, a_request, instance
from tests.scheduler.planning.oracle_facts import Part, Party, Spot, Want, World, party, settlements
from tests.scheduler.planning.seating import seated
from tests.worlds import NOW, commitments_of, snapshot, window

TRIES = 8  # requests made before the one that is asked about


@dataclass(frozen=True)
class Calendar:
    """`one.held` stays; the plans of `movable` are committed besides."""

    one: Instance
    movable: tuple[Movable, ...]

    def __str__(self) -> str:
        lines = [str(self.one), "  movable:"]
        for each in self.movable:
            asked = each.request.window
            lines.append(
                f"  {each.reservation} {asked.starts_at:%d %H:%M} to {asked.ends_at:%d %H:%M} {each.request.mix}"
            )
            lines += [f"    {node.host} {node.blocks} {dict(node.planes)} {node.network}" for node in each.plan.nodes]
        return "\n".join(lines)

    @property
    def commitments(self) -> list[Commitment]:
        mine = [c for each in self.movable for c in commitments_of(each.plan, reservation=each.reservation)]
        return [*self.one.held, *mine]

    @property
    def index(self) -> PoolIndex:
        return PoolIndex(snapshot(self.one.topology, commitments=self.commitments))

    @property
    def world(self) -> World:
        """What nobody moves."""
        return World(self.one.topology, self.one.held, NOW, SELECTORS)


def calendar(seed: int) -> Calendar:
    """The request asked about is one that would fit if nobody movable were there, where chance finds one soon."""
    chance = Random(seed)
    one = instance(seed, hosts_max=6, blocks_max=24)
    kept = {f"r-{nth}" for nth in range(chance.choice([0, 0, 3]))}
    made = Calendar(replace(one, held=tuple(each for each in one.held if each.reservation in kept)), ())
    for nth in range(TRIES):
        request = _a_request(chance, one.topology)
        plan = attempt(request=request, index=made.index)
        if isinstance(plan, Plan):
            made = replace(made, movable=(*made.movable, Movable(f"m-{nth}", request, plan)))
    for _ in range(TRIES):
        made = replace(made, one=replace(made.one, request=_a_request(chance, one.topology)))
        if _is_in_the_way(made):
            break
    return made


def _a_request(chance: Random, world: PoolTopology) -> ReservationRequest:
    """Mostly a few cards that are to lie together, as these break up the room for others; else anything."""
    request = a_request(chance, world)
    if chance.random() < 0.2:
        return request
    asked = Placement(same_pru=chance.random() < 0.7, allow_bridge_split=chance.random() < 0.5)
    line = Line(chance.choice([GPU, GPU, OTHER, DRIVE]), chance.randint(1, 4))
    group = Group("", chance.choice([1, 1, 2]), (line,), asked)
    when = window(hours_ahead=chance.choice([21, 22, 23, 24]), hours=chance.choice([0.5, 1, 2]))
    return replace(request, mix=Mix((group,)), window=when)


def _is_in_the_way(made: Calendar) -> bool:
    alone = made.index.without(each.reservation for each in made.movable)
    fits = isinstance(attempt(request=made.one.request, index=alone), Plan)
    return fits and not isinstance(attempt(request=made.one.request, index=made.index), Plan)


def parties(made: Calendar) -> list[Party]:
    """Each movable reservation as it is: its nodes ask for what they have, and for no worse place."""
    return [_as_granted(made.world, each) for each in made.movable]


def _as_granted(world: World, each: Movable) -> Party:
    for mix in settlements(each.request.mix):
        who = party(world, each.request, mix, each.reservation)
        if len(who.wants) != len(each.plan.nodes):
            continue
        pairs = list(zip(who.wants, each.plan.nodes, strict=True))
        spots = [seated(world, node, want.parts) for want, node in pairs]
        served = all(_is_whole(want, spot, node.blocks) for (want, node), spot in zip(pairs, spots, strict=True))
        if served:
            wants = [_narrowed(world, want, spot, node) for (want, node), spot in zip(pairs, spots, strict=True)]
            return replace(who, wants=tuple(wants))
    raise AssertionError(f"{each.reservation} was granted what it did not ask for")


def _is_whole(want: Want, spot: Spot, blocks: Sequence[str]) -> bool:
    counts = [len(part) for part in spot.blocks]
    return counts == [part.count for part in want.parts] and sum(counts) == len(blocks)


def _narrowed(world: World, want: Want, spot: Spot, node: NodePlan) -> Want:
    """One part for each class that a part was granted."""
    narrow = list(_by_class(world, want, spot))
    like = Spot(spot.host, tuple(blocks for _, blocks in narrow))
    parts = tuple(part for part, _ in narrow)
    return replace(want, parts=parts, like=like, planes=node.planes, network=node.network or want.network)


def _by_class(world: World, want: Want, spot: Spot) -> Iterator[tuple[Part, tuple[str, ...]]]:
    for part, blocks in zip(want.parts, spot.blocks, strict=True):
        for code in sorted({world.block(block).device_class for block in blocks}):
            mine = tuple(block for block in blocks if world.block(block).device_class == code)
            accepts = part.accepts
            yield (
                replace(part, count=len(mine), accepts=lambda b, c=code, ok=accepts: b.device_class == c and ok(b)),
                mine,
            )
