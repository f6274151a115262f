"""One run of the executor: whom it works for, and with what. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from fabric.composing.books import Books, Node, NotReady, Superseded, Turned
from fabric.composing.plan import Target
from fabric.drivers.base import Capabilities, CardSetting, Driver

__all__ = ["Errand", "NotReady", "Run", "Silent", "Superseded", "Turned", "errand_for", "read_again", "scoped"]


class Silent(Exception):
    """The fabric does not tell, or may not be changed: the outcome stays unknown until a later run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the caller brings. `wait` is called between polls (at most some seconds each) and keeps the lease.

    `drain_seconds` is the grace that work on the devices has to stop before a release goes on without asking.
    """

    books: Books
    driver: Driver
    attempt: int
    fence: int
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    request_id: str = ""
    drain_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    run: Run
    node: Node
    target: Target
    capabilities: Capabilities
    is_undo: bool  # its undo steps take back a failed compose, and are not a release
    round: int = 0  # of which resize its steps are; 0 is the first wiring and its end

    @property
    def books(self) -> Books:
        return self.run.books

    @property
    def driver(self) -> Driver:
        return self.run.driver

    def clock(self) -> datetime:
        return self.run.clock()

    def wait(self, seconds: float) -> None:
        self.run.wait(seconds)

    def require_current(self) -> None:
        """Right before every driver call; the books ask the same before every write (S10)."""
        self.run.books.require_current()


def errand_for(*, run: Run, is_undo: bool) -> Errand:
    node = run.books.node()
    return Errand(run=run, node=node, target=_target_of(node), capabilities=run.driver.capabilities(), is_undo=is_undo)


def read_again(errand: Errand) -> Errand:
    """After the node's own blocks have changed."""
    node = errand.books.node()
    return replace(errand, node=node, target=_target_of(node))


def scoped(errand: Errand, codes: Collection[str], settings: Mapping[str, CardSetting]) -> Errand:
    """The same run, concerned with these blocks only, which need not be of the node yet."""
    blocks = errand.books.blocks(codes)
    wishes = {code: settings[code] for code in sorted(codes) if code in settings}
    node = replace(errand.node, blocks=blocks, settings=wishes)
    return replace(errand, node=node, target=_target_of(node))


def _target_of(node: Node) -> Target:
    return Target(tag=node.tag, host=node.host, blocks=tuple(node.blocks), settings=node.settings)
