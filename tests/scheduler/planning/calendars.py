"""A pool with reservations that may be moved, and one more request: made from a seed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from scheduler.planning.attempts import attempt
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.repacking import Movable
from scheduler.planning.snapshot import Commitment
from tests.scheduler.planning.instances import SELECTORS, Instance, a_request, instance
from tests.scheduler.planning.oracle_facts import Part, Party, Spot, Want, World, party, settlements
from tests.scheduler.planning.seating import seated
from tests.worlds import NOW, commitments_of, snapshot

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
    chance = Random(seed)
    one = instance(seed, hosts_max=6, blocks_max=24)
    one = replace(one, held=one.held[: chance.choice([0, 0, 6])])
    made = Calendar(one, ())
    for nth in range(TRIES):
        request = a_request(chance, one.topology)
        plan = attempt(request=request, index=made.index)
        if isinstance(plan, Plan):
            made = replace(made, movable=(*made.movable, Movable(f"m-{nth}", request, plan)))
    return made


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
            wants = [
                _narrowed(world, want, spot, node.network) for (want, node), spot in zip(pairs, spots, strict=True)
            ]
            return replace(who, wants=tuple(wants))
    raise AssertionError(f"{each.reservation} was granted what it did not ask for")


def _is_whole(want: Want, spot: Spot, blocks: Sequence[str]) -> bool:
    counts = [len(part) for part in spot.blocks]
    return counts == [part.count for part in want.parts] and sum(counts) == len(blocks)


def _narrowed(world: World, want: Want, spot: Spot, network: str) -> Want:
    """One part for each class that a part was granted."""
    narrow = list(_by_class(world, want, spot))
    like = Spot(spot.host, tuple(blocks for _, blocks in narrow))
    return replace(want, parts=tuple(part for part, _ in narrow), like=like, network=network or want.network)


def _by_class(world: World, want: Want, spot: Spot) -> Iterator[tuple[Part, tuple[str, ...]]]:
    for part, blocks in zip(want.parts, spot.blocks, strict=True):
        for code in sorted({world.block(block).device_class for block in blocks}):
            mine = tuple(block for block in blocks if world.block(block).device_class == code)
            accepts = part.accepts
            yield (
                replace(part, count=len(mine), accepts=lambda b, c=code, ok=accepts: b.device_class == c and ok(b)),
                mine,
            )
