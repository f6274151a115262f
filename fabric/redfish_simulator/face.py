"""What the HTTP face holds beside the engine: manners, knobs, sessions, and which task began how."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fabric.drivers.emulator import EmulatorDriver
from fabric.drivers.emulator.knobs import Knobs
from fabric.redfish_simulator.facts import Facts
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.manners import Manners, Tags

DRIVES, ADAPTERS = ("nvme", "ssd", "drive", "storage"), ("nic", "dpu", "hca", "network")
PARALLEL_MUTATIONS_MAX = 4


@dataclass(slots=True, kw_only=True)
class Face:
    """`kinds` says of a device class whether it is a drive or an adapter; what is not named is a processor."""

    path: Path
    clock: Callable[[], float]
    manners: Manners = field(default_factory=Manners)
    kinds: Mapping[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)  # id → token
    doors: dict[str, str] = field(default_factory=dict)  # task → how it was asked for
    forgotten: set[str] = field(default_factory=set)  # tasks of before a restart
    facts: Facts = field(init=False)
    knobs: Knobs[Knob] = field(init=False)

    def __post_init__(self) -> None:
        self.facts = Facts(path=self.path, clock=self.clock)
        self.knobs = Knobs(path=self.path, kinds=Knob, foreign=Knob.FOREIGN, restart=Knob.RESTART)
        self.facts.prepare()

    @property
    def engine(self) -> EmulatorDriver:
        profile = {
            "max_parallel_mutations": PARALLEL_MUTATIONS_MAX,
            "needs_host_off": self.knobs.is_on(Knob.HOST_ON),
        }
        return EmulatorDriver(path=self.path, clock=self.clock, profile=profile)

    def turn(self, line: Mapping[str, Any]) -> None:
        """Raises ValueError for a line that names nothing."""
        if self.knobs.turn(line=line, now=self.clock()) == Knob.RESTART:
            self.restart()

    def restart(self) -> None:
        """As after a crash: the fabric goes on, what only this process knew is lost."""
        self.sessions.clear()
        self.forgotten.update(self.facts.operations())

    def open_session(self) -> tuple[str, str]:
        identity, token = str(len(self.sessions) + 1), secrets.token_hex(16)
        self.sessions[identity] = token
        return identity, token

    def kind(self, device_class: str) -> str:
        word = self.kinds.get(device_class, device_class).lower()
        if any(name in word for name in DRIVES):
            return "drive"
        return "adapter" if any(name in word for name in ADAPTERS) else "processor"

    def etag(self, document: Mapping[str, Any]) -> str:
        """Of what is in it; "" where this service has none."""
        content = {name: value for name, value in document.items() if name != "@odata.etag"}
        mark = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
        return {Tags.QUOTED: f'W/"{mark}"', Tags.BARE: mark, Tags.NONE: ""}[self.manners.etags]
