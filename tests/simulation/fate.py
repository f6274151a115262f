"""What may happen to a worker at any call, write or wait: it dies, it stops for minutes, its commit's reply is lost.

How many such moments pass until the next mishap is drawn at once: nothing has to be drawn at most of them.
"""

import math
import random
from collections.abc import Callable

from tests.simulation.dials import Dials
from tests.simulation.loop import Loop

STALL_SECONDS = (25.0, 600.0)  # longer than a lease
NEVER = 1 << 62
COMMIT = "a commit"


class Killed(BaseException):
    """What `kill -9` looks like from inside: nothing catches it, and nothing more is done."""


class LostConnection(Exception):
    """The database does not answer; nobody knows whether the commit was done."""


class Fates:
    """Of all workers of a simulation."""

    def __init__(self, *, rng: random.Random, loop: Loop, dials: Dials) -> None:
        self.left = NEVER
        self._rng = rng
        self._loop = loop
        self._shares = {name: dials.of(name) for name in ("death", "stall", "lost commit")}  # per moment
        self.struck = 0
        self._sum = sum(self._shares.values())
        self._stalled: dict[int, Callable[[], None]] = {}
        self._numbers = 0
        self.draw()

    def draw(self) -> None:
        self.left = int(math.log(1.0 - self._rng.random()) / math.log1p(-self._sum)) + 1 if self._sum else NEVER

    def end(self) -> None:
        """From now on nothing happens to anybody; who stands still goes on."""
        self._sum, self.left = 0.0, NEVER
        for wake in list(self._stalled.values()):
            wake()

    def is_after(self) -> bool:
        """Whether the mishap comes when the act is done, and not before."""
        return self._rng.random() < 0.5

    def kind(self) -> str:
        return self._rng.choices([*self._shares], weights=[*self._shares.values()])[0]

    def stand_still(self) -> None:
        """The caller, a worker, is stopped; it is woken when its time is over, or when all mishaps end."""
        number = self._numbers = self._numbers + 1
        wake = self._loop.sleeper()

        def once() -> None:
            if self._stalled.pop(number, None) is not None:
                self._loop.after(0.0, wake)

        self._stalled[number] = once
        self._loop.after(self._rng.uniform(*STALL_SECONDS), once)
        self._loop.sleep()


class Fate:
    """Of one worker in one run. A dead one does nothing more, not even tidy up."""

    __slots__ = ("_after", "_note", "fates", "is_dead")

    def __init__(self, fates: Fates, note: Callable[[str], None]) -> None:
        self.fates = fates
        self._note = note
        self._after = ""
        self.is_dead = False

    def before(self, what: str) -> bool:
        """Called before each act. True where `after` has to be called after it: then it strikes there."""
        if self.is_dead:
            raise Killed
        fates = self.fates
        fates.left -= 1
        if fates.left > 0:
            return False
        fates.draw()
        self._after = fates.kind() if fates.is_after() else ""
        if not self._after:
            self._strike(fates.kind(), f"before {what}")
        return bool(self._after)

    def after(self, what: str) -> None:
        self._strike(self._after, f"after {what}")

    def write(self, act: Callable[[], None]) -> None:
        """A transaction: all of it or nothing, and its worker may not come to know which."""
        fates = self.fates
        if fates.left > 1 and not self.is_dead:
            fates.left -= 1
            act()
            return
        is_struck = self.before(COMMIT)
        act()
        if is_struck:
            self.after(COMMIT)

    def _strike(self, kind: str, when: str) -> None:
        if kind == "lost commit" and COMMIT not in when:
            return
        self.fates.struck += 1
        self._note(f"{kind} {when}")
        if kind == "stall":
            self.fates.stand_still()
        elif kind == "death":
            self.is_dead = True
            raise Killed
        else:
            raise LostConnection
