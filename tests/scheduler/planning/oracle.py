"""A second opinion: what fits, asked of every single block and host at once.

It shares nothing with the planner but the value types: no cells, no kinds of hosts, no wishes, no arithmetic. What it
takes for granted is in `oracle_facts`; `oracle_faults` measures a placement without any solver, and may be asked about
what is found here as about what the planner finds.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from ortools.sat.python import cp_model

from scheduler.requests import Spread
from tests.scheduler.planning.oracle_facts import (
    Party,
    Spot,
    World,
    held_planes,
    held_ports,
    held_watts,
    instants,
    networks_for,
    rack_of,
    rest_watts,
    watts,
)
from tests.scheduler.planning.oracle_nodes import Nodes


@dataclass(frozen=True)
class Answer:
    """Where the nodes of each party are, and which parties had to be moved for it."""

    spots: Mapping[str, Sequence[Spot]]
    moved: frozenset[str]


def placement(world: World, parties: Sequence[Party]) -> Answer | None:
    """Where every node of every party can be, moving as few parties as can be; None if that is impossible."""
    return _Question(world, parties).ask()


class _Question(Nodes):
    """All nodes of all parties together: what they share, at every instant, and who is moved."""

    def ask(self) -> Answer | None:
        for who, _, want in self.nodes:
            self._node(who, want)
        for nth in range(len(self.nodes)):
            self._host_rules(nth)
            self._path_rules(nth)
        for begin in sorted({who.begin for who in self.parties}):
            self._owners(begin)
        self._uplinks_and_planes()
        self._racks()
        self._networks()
        self._apart()
        self._stay()
        self.model.minimize(sum(self.moved.values()))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(self.model)
        assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE), solver.status_name(status)
        return self._answer(solver) if status == cp_model.OPTIMAL else None

    def _answer(self, solver: cp_model.CpSolver) -> Answer:
        spots: dict[str, list[Spot]] = {who.name: [] for who in self.parties}
        for (who, _, _), on, has in zip(self.nodes, self.on, self.has, strict=True):
            host = next(code for code, var in on.items() if solver.value(var))
            spots[who.name].append(
                Spot(host, tuple(tuple(sorted(c for c, var in part.items() if solver.value(var))) for part in has))
            )
        return Answer(spots, frozenset(name for name, var in self.moved.items() if solver.value(var)))

    def _present(self, at: datetime) -> list[int]:
        return [nth for nth, (who, _, _) in enumerate(self.nodes) if who.begin <= at < who.end]

    def _owners(self, at: datetime) -> None:
        """R0 and R8: one owner for each host and block at a time."""
        owners = defaultdict(list)
        for nth in self._present(at):
            for chosen in (self.on[nth], *self.has[nth]):
                for code, var in chosen.items():
                    owners[code].append(var)
        for choices in owners.values():
            self.model.add_at_most_one(choices)

    def _uplinks_and_planes(self) -> None:
        """R2 and R3: each new link a plane for its whole life, with a port of the host and an uplink of the PRU."""
        topology = self.world.topology
        planes = sorted({p.plane for h in topology.hosts.values() for p in h.ports})
        links: dict[str, list[tuple[Party, dict[str, cp_model.IntVar]]]] = defaultdict(list)
        for nth, (who, _, _) in enumerate(self.nodes):
            mine = []
            for pru, is_used in self._used(nth).items():
                mine.append({plane: self._new() for plane in planes})
                self.model.add(sum(mine[-1].values()) == is_used)
                links[pru].append((who, mine[-1]))
                self.links[nth, pru] = mine[-1]
            for plane in planes:
                for code, chosen in self.on[nth].items():
                    ports = sum(port.plane == plane for port in topology.hosts[code].ports)
                    self.model.add(sum(link[plane] for link in mine) <= ports).only_enforce_if(chosen)
        starts = [who.begin for who in self.parties]
        for at in sorted({at for who in self.parties for at in instants(self.world, who.begin, who.end, starts)}):
            for pru, ones in links.items():
                held = held_planes(self.world, pru, at)
                here = [link for who, link in ones if who.begin <= at < who.end]
                for plane in planes:
                    left = sum(port.plane == plane for port in topology.prus[pru].uplinks)
                    left -= held.count(plane) + held.count("")
                    self.model.add(sum(link[plane] for link in here) <= max(0, left))

    def _racks(self) -> None:
        """R14 over time, only where and while a new device draws there."""
        starts = [who.begin for who in self.parties]
        everything = {at for who in self.parties for at in instants(self.world, who.begin, who.end, starts)}
        for at in sorted(everything):
            for code, rack in self.world.topology.racks.items():
                draw = [
                    watts(self.world, part, block) * var
                    for nth in self._present(at)
                    for part, mine in zip(self.nodes[nth][2].parts, self.has[nth], strict=True)
                    for block, var in ((self.world.topology.blocks[c], v) for c, v in mine.items())
                    if rack_of(self.world, block) == code
                ]
                rest = rest_watts(self.world, code) + held_watts(self.world, code, at)
                if draw:
                    self.model.add(sum(draw) <= max(0, min(rack.budget_w, rack.cooling_w) - rest))

    def _networks(self) -> None:
        """R21: each party on one network, whose ports are counted over time, as are those of each node."""
        topology = self.world.topology
        joins: dict[str, list[tuple[Party, int, cp_model.IntVar]]] = defaultdict(list)
        for who in self.parties:
            if not any(want.asks_for_rdma for want in who.wants):
                continue
            choices = {code: self._new() for code in networks_for(self.world, who)}
            self.model.add_exactly_one(choices.values()) if choices else self.model.add_bool_or([])
            for code, rails in networks_for(self.world, who).items():
                joins[code].append((who, rails, choices[code]))
                for nth in (n for n, (party, _, want) in enumerate(self.nodes) if party is who and want.asks_for_rdma):
                    self._ports(nth, rails, choices[code])
        starts = [who.begin for who in self.parties]
        for code, ones in joins.items():
            for at in sorted({at for who, _, _ in ones for at in instants(self.world, who.begin, who.end, starts)}):
                taken = [
                    rails * sum(want.asks_for_rdma for want in who.wants) * var
                    for who, rails, var in ones
                    if who.begin <= at < who.end
                ]
                left = topology.networks[code].switch_ports - held_ports(self.world, code, at)
                self.model.add(sum(taken) <= max(0, left))

    def _ports(self, nth: int, rails: int, is_joined: cp_model.IntVar) -> None:
        pooled = sum(
            self.world.facts(self.world.block(code)).rdma_ports * var
            for part in self.has[nth]
            for code, var in part.items()
        )
        for code, var in self.on[nth].items():
            own = self.world.topology.hosts[code].local_nics
            self.model.add(own + pooled >= rails).only_enforce_if(var, is_joined)

    def _apart(self) -> None:
        """Nodes of a group that share no rack, or no PRU."""
        for one, other in combinations(range(len(self.nodes)), 2):
            (who, _, want), (whose, _, wants) = self.nodes[one], self.nodes[other]
            if who is not whose or want.group != wants.group or want.placement.spread is None:
                continue
            for first, second in self._together(one, other, want.placement.spread):
                self.model.add_bool_or([~first, ~second])

    def _together(self, one: int, other: int, spread: Spread) -> Iterator[tuple[cp_model.IntVar, cp_model.IntVar]]:
        if spread is Spread.PRU:
            first, second = self._used(one), self._used(other)
            yield from ((first[pru], second[pru]) for pru in first if pru in second)
            return
        for rack in self.world.topology.racks:
            yield self._in_rack(one, rack), self._in_rack(other, rack)

    def _in_rack(self, nth: int, rack: str) -> cp_model.IntVar:
        hosts = [var for code, var in self.on[nth].items() if self.world.topology.hosts[code].rack == rack]
        return self._any([*hosts, *self._mine(nth, lambda b, _: rack_of(self.world, b) == rack)])

    def _stay(self) -> None:
        """A party that has a place keeps it exactly, or is moved."""
        for who in self.parties:
            if all(want.like is not None for want in who.wants) and who.wants:
                self.moved[who.name] = self._new()
        for nth, (who, _, want) in enumerate(self.nodes):
            if want.like is None:
                continue
            stays = ~self.moved[who.name]
            for pru, plane in want.planes.items():
                self.model.add_implication(stays, self.links[nth, pru][plane])
            kept = [
                self.on[nth].get(want.like.host),
                *(
                    part.get(code)
                    for part, codes in zip(self.has[nth], want.like.blocks, strict=True)
                    for code in codes
                ),
            ]
            self.model.add_bool_and([var for var in kept if var is not None]).only_enforce_if(stays)
            if any(var is None for var in kept):
                self.model.add(self.moved[who.name] == 1)
