"""A second opinion: what fits, asked of every single block and host at once.

It shares nothing with the planner but the value types: no cells, no kinds of hosts, no wishes, no arithmetic. What it
takes for granted is in `oracle_facts`; `oracle_faults` measures a placement without any solver, and may be asked about
what is found here as about what the planner finds.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from ortools.sat.python import cp_model

from fabric.topology import BlockFacts, DeviceClassFacts, HostFacts
from scheduler.requests import Affinity, Spread
from tests.scheduler.planning.oracle_facts import (
    Party,
    Spot,
    Want,
    World,
    bears,
    free_blocks,
    free_hosts,
    held_planes,
    held_ports,
    held_watts,
    instants,
    mib,
    networks_for,
    partitions,
    place_of,
    rack_of,
    reaches,
    rest_watts,
    slot_bears,
    speaks_cxl,
    watts,
)


@dataclass(frozen=True)
class Answer:
    """Where the nodes of each party are, and which parties had to be moved for it."""

    spots: Mapping[str, Sequence[Spot]]
    moved: frozenset[str]


def placement(world: World, parties: Sequence[Party]) -> Answer | None:
    """Where every node of every party can be, moving as few parties as can be; None if that is impossible."""
    return _Question(world, parties).ask()


class _Question:
    """One 0-or-1 for every node and host, and for every node, part and block."""

    def __init__(self, world: World, parties: Sequence[Party]) -> None:
        self.world = world
        self.parties = parties
        self.model = cp_model.CpModel()
        self.nodes = [(who, nth, want) for who in parties for nth, want in enumerate(who.wants)]
        self.on: list[dict[str, cp_model.IntVar]] = []
        self.has: list[list[dict[str, cp_model.IntVar]]] = []
        self.used: dict[int, dict[str, cp_model.IntVar]] = {}
        self.links: dict[tuple[int, str], dict[str, cp_model.IntVar]] = {}
        self.moved: dict[str, cp_model.IntVar] = {}

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

    def _new(self) -> cp_model.IntVar:
        return self.model.new_bool_var("")

    def _node(self, who: Party, want: Want) -> None:
        hosts = [h for h in free_hosts(self.world, who.begin, who.end) if bears(self.world, who, want, h)]
        on = {host.code: self._new() for host in hosts}
        self.model.add_exactly_one(on.values()) if on else self.model.add_bool_or([])
        blocks = free_blocks(self.world, who.begin, who.end)
        has = []
        for part in want.parts:
            mine = {b.code: self._new() for b in blocks if part.accepts(b) and slot_bears(self.world, part, b)}
            self.model.add(sum(mine.values()) == part.count)
            has.append(mine)
            for code, var in mine.items():
                block = self.world.topology.blocks[code]
                self.model.add_bool_or([on[h.code] for h in hosts if reaches(h, block)]).only_enforce_if(var)
        self.on.append(on)
        self.has.append(has)

    def _mine(self, nth: int, which: Callable[[BlockFacts, DeviceClassFacts], bool]) -> list[cp_model.IntVar]:
        """The choices of a node for such blocks, over all its parts."""
        topology = self.world.topology
        return [
            var
            for part in self.has[nth]
            for code, var in part.items()
            if which(topology.blocks[code], topology.classes[topology.blocks[code].device_class])
        ]

    def _any(self, choices: Sequence[cp_model.IntVar]) -> cp_model.IntVar:
        """1 exactly if one of them is."""
        found = self._new()
        self.model.add_max_equality(found, [*choices, 0])
        return found

    def _used(self, nth: int) -> dict[str, cp_model.IntVar]:
        if nth not in self.used:
            prus = {self.world.block(code).pru for part in self.has[nth] for code in part} - {None}
            self.used[nth] = {
                pru: self._any(self._mine(nth, lambda b, _, pru=pru: b.pru == pru))
                for pru in sorted(filter(None, prus))
            }
        return self.used[nth]

    def _host_rules(self, nth: int) -> None:
        """R3 to R6, R9, R13, R20: what one host bears."""
        topology, (_, _, want) = self.world.topology, self.nodes[nth]
        used = self._used(nth)
        accelerators = self._mine(nth, lambda _, facts: facts.is_accelerator)
        families = sorted({facts.driver_family for facts in topology.classes.values()})
        taken = [
            self._any(self._mine(nth, lambda _, facts, f=f: facts.is_accelerator and facts.driver_family == f))
            for f in families
        ]
        modules = self._mine(nth, lambda _, facts: facts.kind == "cxl_memory")
        self.model.add(sum(self._mine(nth, lambda b, f: f.kind == "cxl_memory" and not speaks_cxl(self.world, b))) == 0)
        buses = 13 * sum(used.values()) + 2 * sum(self._mine(nth, lambda *_: True))
        space = sum(
            mib(self.world.facts(self.world.block(code))) * var for part in self.has[nth] for code, var in part.items()
        )
        for code, chosen in self.on[nth].items():
            host = topology.hosts[code]
            if modules and host.port_generation < 5:
                self.model.add(sum(modules) == 0).only_enforce_if(chosen)
            if host.is_fixed:
                self._partition(nth, host, chosen)
                continue
            self.model.add(sum(accelerators) <= host.max_accelerators).only_enforce_if(chosen)
            self.model.add(space <= host.mmio_high_gib * 1024).only_enforce_if(chosen)
            self.model.add(sum(taken) <= host.driver_families_max).only_enforce_if(chosen)
            self.model.add(buses <= host.bus_numbers).only_enforce_if(chosen)
            self.model.add(sum(used.values()) <= len(host.ports)).only_enforce_if(chosen)
        if want.like is not None:
            now = {topology.blocks[b].pru for part in want.like.blocks for b in part} - {None}
            self.model.add(sum(used.values()) <= len(now))

    def _partition(self, nth: int, host: HostFacts, chosen: cp_model.IntVar) -> None:
        classes = {self.world.topology.blocks[code].device_class for part in self.has[nth] for code in part}
        for device_class in sorted(classes):
            runs = {run: self._new() for run in partitions(self.world, host, device_class)}
            nothing = self._new()
            self.model.add_exactly_one([nothing, *runs.values()])
            for run, var in {**runs, (): nothing}.items():
                own = [
                    b
                    for b in self.world.topology.blocks.values()
                    if b.host == host.code and b.device_class == device_class
                ]
                for block in own:
                    mine = sum(part[block.code] for part in self.has[nth] if block.code in part)
                    self.model.add(mine == int(block.code in run)).only_enforce_if(var, chosen)

    def _path_rules(self, nth: int) -> None:
        """R10, R15, R16, R17: which devices go together."""
        topology, (_, _, want) = self.world.topology, self.nodes[nth]
        asked = want.placement
        if not asked.allow_bridge_split:
            groups = defaultdict(list)
            for block in topology.blocks.values():
                if block.bridge_group is not None:
                    groups[block.bridge_group].append(block.code)
            for codes in groups.values():
                taken = [sum(part[code] for part in self.has[nth] if code in part) for code in codes]
                for one, other in combinations(taken, 2):
                    self.model.add(one == other)
        accelerators = self._mine(nth, lambda _, facts: facts.is_accelerator)
        has_any = self._any(accelerators)
        if asked.p2p or asked.same_pru or asked.same_switch:
            self._gather(nth, asked.same_switch, only_accelerators=True)
        if asked.same_pru or asked.same_switch:
            self._gather(nth, asked.same_switch, only_accelerators=False, unless=has_any)
        for kind, affinity, least in (
            ("nic", asked.nic_affinity, want.rails or 1),
            ("nvme", asked.storage_affinity, 1),
        ):
            if affinity is not None:
                self._near(nth, kind, affinity, least, has_any)

    def _gather(
        self, nth: int, same_switch: bool, *, only_accelerators: bool, unless: cp_model.IntVar | None = None
    ) -> None:
        places = self._places(nth, same_switch)
        there = [
            self._any(
                self._mine(
                    nth,
                    lambda b, f, p=p: (
                        place_of(b, by_switch=same_switch) == p and (f.is_accelerator or not only_accelerators)
                    ),
                )
            )
            for p in places
        ]
        limit = self.model.add(sum(there) <= 1)
        if unless is not None:
            limit.only_enforce_if(~unless)

    def _places(self, nth: int, by_switch: bool) -> list[tuple[str, ...]]:
        blocks = self.world.topology.blocks
        return sorted({place_of(blocks[code], by_switch=by_switch) for part in self.has[nth] for code in part})

    def _near(self, nth: int, kind: str, affinity: Affinity, least: int, has_any: cp_model.IntVar) -> None:
        """Every place that holds accelerators holds one of the kind; in all those places together, `least` of them."""
        by_switch = affinity is Affinity.SWITCH
        near = []
        for place in self._places(nth, by_switch):
            here = self._any(
                self._mine(nth, lambda b, f, p=place: place_of(b, by_switch=by_switch) == p and f.is_accelerator)
            )
            kin = self._mine(nth, lambda b, f, p=place: place_of(b, by_switch=by_switch) == p and f.kind == kind)
            counted = self.model.new_int_var(0, len(kin), "")
            self.model.add(counted == sum(kin)).only_enforce_if(here)
            self.model.add(counted == 0).only_enforce_if(~here)
            near.append(counted)
            for code, chosen in self.on[nth].items():
                if not self.world.topology.hosts[code].is_fixed:
                    self.model.add(sum(kin) >= 1).only_enforce_if(here, chosen)
        for code, chosen in self.on[nth].items():
            host = self.world.topology.hosts[code]
            if not host.is_fixed:
                self.model.add(sum(near) >= least).only_enforce_if(has_any, chosen)
            elif kind == "nvme" or host.local_nics < least:
                self.model.add(has_any == 0).only_enforce_if(chosen)

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
