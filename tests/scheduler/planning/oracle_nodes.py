"""The second opinion on one node: its host, its blocks, and how they lie to each other."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations

from ortools.sat.python import cp_model

from fabric.topology import BlockFacts, DeviceClassFacts, HostFacts
from scheduler.requests import Affinity
from tests.scheduler.planning.oracle_facts import (
    Party,
    Want,
    World,
    bears,
    free_blocks,
    free_hosts,
    mib,
    partitions,
    place_of,
    reaches,
    slot_bears,
    speaks_cxl,
)


class Nodes:
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
