"""The small fabric behind a Redfish service: the real driver speaks real HTTP to the simulator in a thread.

What is really so is read from the emulator's file, which is the simulator's engine, and not from either of them.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

from fabric.drivers.base import Driver
from fabric.drivers.credentials import Credentials
from fabric.drivers.emulator.faults import FaultKind
from fabric.drivers.redfish import RedfishDriver
from fabric.redfish_simulator.app import answering
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.manners import Manners
from tests.contracts.lending import lent
from tests.contracts.notes_in_memory import NotesInMemory
from tests.contracts.worlds import EmulatorWorld

PATIENCE = {"read_seconds": 10.0, "submit_seconds": 10.0, "event_seconds": 10.0}  # a machine may be busy
IMPATIENCE: dict[str, Any] = {"read_seconds": 0.2, "submit_seconds": 0.2}  # with a service that says nothing
OF_THE_FACE = {
    FaultKind.UNREADABLE: Knob.BUSY_READ,
    FaultKind.PARTIAL_LISTING: Knob.LISTING_CUT,
    FaultKind.PHANTOM: Knob.HIDDEN,
}
"""What the emulator's own driver does wrong, and HTTP does in another way."""


class RedfishWorld(EmulatorWorld):
    """`manners` are the service's, `profile` what an operator says of it."""

    def __init__(self, folder: Path, *, manners: Manners | None = None, **profile: Any) -> None:
        super().__init__(folder)
        self.folder = folder
        self.face = Face(path=self.path, clock=lambda: self.now, manners=manners or Manners())
        self.profile = {"max_parallel_mutations": 4, **PATIENCE, **profile}
        self.notes: dict[str, NotesInMemory] = {}
        self._open = ExitStack()
        self.url = self._open.enter_context(serving(self.face))
        self.driver: Driver = self.another_driver()

    def close(self) -> None:
        self._open.close()

    def fault(self, kind: FaultKind, **how: Any) -> None:
        if kind in OF_THE_FACE:
            how.pop("operation", None)
            self.turn(OF_THE_FACE[kind], **how)
        else:
            super().fault(kind, **how)

    def turn(self, knob: Knob, **how: Any) -> None:
        self.face.turn({"kind": knob.value, **how})

    def driver_while_locked(self) -> tuple[Driver, Callable[[], None]]:
        self.turn(Knob.DEAF)
        return self.another_driver(**IMPATIENCE), self.face.knobs.clear

    def another_driver(self, *, notes: str = "notes", **profile: Any) -> RedfishDriver:
        """With the same notes, as another process beside the first has, or with its own."""
        manners = self.face.manners
        driver = RedfishDriver(
            endpoint=self.url,
            credentials=Credentials(manners.user, manners.password),
            notes=self.notes.setdefault(notes, NotesInMemory()),
            clock=lambda: self.now,
            profile={**self.profile, **profile},
        )
        self._open.callback(driver.close)
        return driver


def serving(face: Face) -> AbstractContextManager[str]:
    """The address where the face answers."""
    return lent(answering(face))


def redfish(**manners: Any) -> Callable[..., RedfishWorld]:
    """How to make a world with a service of these manners."""
    profile: Mapping[str, Any] = manners.pop("profile", {})

    def make(folder: Path, **more: Any) -> RedfishWorld:
        return RedfishWorld(folder, manners=Manners(**manners), **{**profile, **more})

    return make
