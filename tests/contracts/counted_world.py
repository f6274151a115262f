"""The small fabric behind a control plane that takes counts: the real driver speaks real HTTP to it in a thread.

Nothing there carries our names; so the world writes down under which name a host was last asked for, and says by the
emulator's file who really holds what.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from fabric.counted_simulator.app import answering
from fabric.counted_simulator.face import Face
from fabric.counted_simulator.facts import OURS
from fabric.counted_simulator.knobs import Knob
from fabric.counted_simulator.standing import picked
from fabric.drivers.base import Conflict, Done, Driver, Pending, Permanent, Precondition
from fabric.drivers.counted import CountedDriver
from fabric.drivers.credentials import Credentials
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.lending import lent
from tests.contracts.notes_in_memory import NotesInMemory
from tests.contracts.redfish_world import IMPATIENCE
from tests.contracts.worlds import EmulatorWorld

PATIENCE = {"read_seconds": 10.0, "submit_seconds": 10.0}  # a machine may be busy
OF_THE_FACE = {
    FaultKind.UNREADABLE: Knob.BUSY_READ,
    FaultKind.PARTIAL_LISTING: Knob.LISTING_CUT,
    FaultKind.PHANTOM: Knob.HIDDEN,
}
"""What the emulator's own driver does wrong, and this face in another way."""


class Listening(CountedDriver):
    """Tells the world which name was asked for on which host."""

    names: dict[str, str]

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        earlier = self.names.get(host, tag)
        self.names[host] = tag
        try:
            return super().compose(op_key=op_key, tag=tag, host=host, blocks=blocks)
        except (Conflict, Permanent, Precondition):
            self.names[host] = earlier
            raise


class CountedWorld(EmulatorWorld):
    """`profile` is what an operator says of the service; `boxes` names the box of each block, else there is one."""

    picks_devices = True
    shows_names = False

    def __init__(self, folder: Path, *, boxes: Mapping[str, str] | None = None, **profile: Any) -> None:
        super().__init__(folder)
        self.face = Face(path=self.path, clock=lambda: self.now, page_size=4, boxes=boxes or {})
        self.profile = {**PATIENCE, **profile}
        self.notes: dict[str, NotesInMemory] = {}
        self.names: dict[str, str] = {}
        self._open = ExitStack()
        self.url = self._open.enter_context(lent(answering(self.face)))
        self.driver: Driver = self.another_driver()

    def close(self) -> None:
        self._open.close()

    def owners(self) -> Mapping[str, str | None]:
        return {block["code"]: self._owner(block) for block in self.truth()["blocks"]}

    def machines(self) -> Mapping[str, str]:
        """A host of ours with nothing on it is a machine of nobody."""
        blocks = [block for block in self.truth()["blocks"] if block["machine"] is not None]
        return {str(self._owner(block)): block["host"] for block in blocks}

    def composes(self, tag: str) -> int:
        hosts = {host for host, name in self.names.items() if name == tag}
        increases = [one for one in self.truth()["operations"] if any(line["act"] == "bind" for line in one["lines"])]
        return sum(1 for one in increases if one["host"] in hosts)

    def given(self, blocks: Sequence[str]) -> tuple[str, ...]:
        """The idle ones that the fabric would take now, in the order in which it takes them."""
        self.face.facts.forget()
        idle = [one for one in self.face.standings().values() if one.is_idle]
        return tuple(sorted(one.code for one in picked(idle, len(blocks))))

    def fault(self, kind: FaultKind, **how: Any) -> None:
        if kind in OF_THE_FACE:
            how.pop("operation", None)
            self.turn(OF_THE_FACE[kind], **how)
        else:
            operation = {"compose": "resize"}.get(how.get("operation", ""), how.get("operation", ""))
            super().fault(kind, **{**how, "operation": operation})

    def turn(self, knob: Knob, **how: Any) -> None:
        self.face.turn({"kind": knob.value, **how})

    def driver_while_locked(self) -> tuple[Driver, Callable[[], None]]:
        self.turn(Knob.DEAF)
        return self.another_driver(**IMPATIENCE), self.face.knobs.clear

    def another_driver(self, *, notes: str = "notes", **profile: Any) -> CountedDriver:
        """With the same notes, as another process beside the first has, or with its own."""
        driver = Listening(
            endpoint=self.url,
            credentials=Credentials(self.face.user, self.face.password),
            notes=self.notes.setdefault(notes, NotesInMemory()),
            clock=lambda: self.now,
            profile={**self.profile, **profile},
        )
        driver.names = self.names
        self._open.callback(driver.close)
        return driver

    def _owner(self, block: Mapping[str, Any]) -> str | None:
        tag = block["machine"]
        return self.names.get(block["host"], tag) if tag is not None and tag.startswith(OURS) else tag
