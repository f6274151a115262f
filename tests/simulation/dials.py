"""How bad a seed's world is. Drawn once: also "everything fine" and "one fault only", so that none is drowned."""

import random
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from fabric.drivers.emulator.faults import FaultKind

FABRIC_FAULTS: Mapping[FaultKind, tuple[float, float]] = {  # the probability per call, or per block, from … to
    FaultKind.LOST_BEFORE: (0.01, 0.15),
    FaultKind.LOST_AFTER: (0.01, 0.15),
    FaultKind.SLOW: (0.01, 0.1),
    FaultKind.STUCK: (0.002, 0.02),
    FaultKind.BUSY: (0.02, 0.2),
    FaultKind.BIND_FAILURE: (0.005, 0.1),
    FaultKind.UNBIND_FAILURE: (0.01, 0.3),
    FaultKind.CLEAN_FAILURE: (0.005, 0.2),
    FaultKind.CONFIGURE_FAILURE: (0.01, 0.1),
    FaultKind.PHANTOM: (0.005, 0.1),
    FaultKind.VANISH: (0.001, 0.01),
    FaultKind.NARROW: (0.005, 0.05),
    FaultKind.IN_USE: (0.02, 0.2),
    FaultKind.UNREADABLE: (0.01, 0.15),
    FaultKind.PARTIAL_LISTING: (0.1, 0.9),
}
OTHER_FAULTS: Mapping[str, tuple[float, float]] = {
    "death": (0.0005, 0.01),  # per call, write or wait of a worker
    "stall": (0.0005, 0.01),  # the same: it goes on when its lease is long over
    "lost commit": (0.0005, 0.01),  # per write: the connection breaks before or after the commit
    "lost_hint": (0.05, 0.9),
    "doubled_hint": (0.05, 0.5),
    "late_hint": (0.02, 0.3),
    "vanishing": (0.05, 0.5),  # per minute: a device is gone, and comes back
    "failing": (0.02, 0.2),  # per minute: a device in use fails
    "pulling": (0.02, 0.2),  # per minute: somebody takes an attached device off its host
    "stranger": (0.02, 0.2),  # per minute: somebody else attaches a free device, for some minutes
    "revenant": (0.05, 0.4),  # per minute: an old machine of ours is back
    "reboot": (0.02, 0.3),  # per minute: a host restarts
    "outage": (0.01, 0.05),  # per minute: nothing can be read for some minutes
    "pause": (0.005, 0.03),  # per minute: an operator pauses the fabric
    "cancel": (0.05, 0.3),  # per reservation
    "exchange": (0.1, 0.5),  # per reservation: its holder asks for another device, more or fewer
    "end_early": (0.05, 0.3),
    "busy_device": (0.05, 0.5),  # per active node: a process runs on beyond the end
}
FINE_SHARE, SINGLE_SHARE = 0.05, 0.35


@dataclass(frozen=True, slots=True)
class Dials:
    """`name` says in a word what is on."""

    name: str
    fabric: Mapping[FaultKind, float] = field(default_factory=dict)
    other: Mapping[str, float] = field(default_factory=dict)
    needs_host_off: bool = False
    turns_max: int = 4
    seconds_max: int = 300  # that the fabric is given for one change
    drain_seconds: float = 20.0
    pace: float = 1.0
    is_patient: bool = True
    is_careless: bool = False
    workers: int = 6
    hosts: int = 12
    blocks: int = 26

    def of(self, name: str) -> float:
        return self.other.get(name, 0.0)


def draw(rng: random.Random) -> Dials:
    kind = rng.random()
    if kind < FINE_SHARE:
        return _shaped(rng, name="everything fine", chosen=set())
    if kind < FINE_SHARE + SINGLE_SHARE:
        only = rng.choice([*FABRIC_FAULTS, *OTHER_FAULTS])
        return _shaped(rng, name=f"only {only}", chosen={only})
    share = rng.uniform(0.1, 0.8)
    chosen = {name for name in (*FABRIC_FAULTS, *OTHER_FAULTS) if rng.random() < share}
    return _shaped(rng, name=f"{len(chosen)} faults", chosen=chosen)


def _shaped(rng: random.Random, *, name: str, chosen: Set[str]) -> Dials:
    turns_max = rng.choice((1, 2, 4))
    return Dials(
        name=name,
        fabric={kind: rng.uniform(*between) for kind, between in FABRIC_FAULTS.items() if kind in chosen},
        other={kind: rng.uniform(*between) for kind, between in OTHER_FAULTS.items() if kind in chosen},
        needs_host_off=rng.random() < 0.2,
        turns_max=turns_max,
        seconds_max=rng.choice((120, 120, 300, 900)),
        drain_seconds=rng.choice((0.0, 0.0, 20.0)),
        pace=rng.choice((0.0, 0.1, 0.3, 1.0) if turns_max > 1 else (0.0, 0.1, 0.3)),
        is_careless=rng.random() < 0.15,
        is_patient=rng.random() < 0.9,
        workers=rng.choice((2, 4, 8)),
    )
