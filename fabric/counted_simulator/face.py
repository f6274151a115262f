"""What this face holds beside the engine: tokens, knobs, and which jobs are suspended."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fabric.counted_simulator.facts import Facts
from fabric.counted_simulator.knobs import Knob
from fabric.counted_simulator.standing import Standing, standings
from fabric.drivers.emulator import EmulatorDriver
from fabric.drivers.emulator.knobs import Knobs

SPECS = uuid.uuid5(uuid.NAMESPACE_DNS, "specs.simulated")
ONE_BOX = "box"
TOKEN_SECONDS = 1800.0
PAGE_SIZE = 100
PARALLEL = 4  # of the engine; this face lets one in


@dataclass(slots=True, kw_only=True)
class Face:
    """`boxes` names the box of each device; equal models in one box are one spec, which nobody can tell apart."""

    path: Path
    clock: Callable[[], float]
    boxes: Mapping[str, str] = field(default_factory=dict)
    user: str = "operator"
    password: str = field(default="simulated", repr=False)
    token_seconds: float = TOKEN_SECONDS
    page_size: int = PAGE_SIZE
    tokens: dict[str, float] = field(default_factory=dict)  # token → until when
    suspended: dict[str, dict[str, float]] = field(default_factory=dict)  # job → seconds of each device still to go
    facts: Facts = field(init=False)
    knobs: Knobs[Knob] = field(init=False)

    def __post_init__(self) -> None:
        self.facts = Facts(path=self.path, clock=self.clock)
        self.knobs = Knobs(path=self.path, kinds=Knob, foreign=Knob.FOREIGN, restart=Knob.RESTART)

    @property
    def engine(self) -> EmulatorDriver:
        return EmulatorDriver(path=self.path, clock=self.clock, profile={"max_parallel_mutations": PARALLEL})

    def turn(self, line: Mapping[str, Any]) -> None:
        """Raises ValueError for a line that names nothing."""
        if self.knobs.turn(line=line, now=self.clock()) == Knob.RESTART:
            self.tokens.clear()

    def open_token(self) -> str:
        token = secrets.token_hex(16)
        self.tokens[token] = self.clock() + self.token_seconds
        return token

    def is_known(self, token: str) -> bool:
        return self.tokens.get(token, 0.0) > self.clock()

    def standings(self) -> dict[str, Standing]:
        return standings(self.facts)

    def label(self, one: Standing) -> str:
        """A model in a box; a device of a fixed system is in the box of its host."""
        box = one.row["fixed_host"] or self.boxes.get(one.code, ONE_BOX)
        return f"{one.row['device_class']} in {box}"

    def spec(self, one: Standing) -> str:
        return str(uuid.uuid5(SPECS, self.label(one)))
