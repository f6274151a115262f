"""One board a pool and process: its shape and its timeline, kept, and brought up to date by what changed since.

A board is never changed once others may see it: catching up makes the next one, which shares what is the same. So a
decision that takes a second looks at one state from beginning to end, and no lock is held meanwhile.

Only what is committed is kept. Inside a transaction the board is caught up for that transaction alone, because its own
rows may yet be rolled back; what it committed is kept when it has committed, or read by the next one who looks.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

from django.db import connection, transaction

from fabric.queries import catalogue_only, topology, unit_ids
from scheduler.planning.guarding import Guard
from scheduler.planning.rates import RateCard
from scheduler.planning.shape import Shape
from scheduler.planning.stays import Stay
from scheduler.planning.timeline import Timeline
from scheduler.queries._allocations import Stamp, Units, read
from scheduler.queries.rates import rate_card


@dataclass(frozen=True, slots=True)
class Inventory:
    """What stays the same until the inventory's generation moves. `ids` are the rows of the shape's bits."""

    generation: int
    shape: Shape
    units: Units
    ids: tuple[int, ...]
    catalogue_only: dict[str, str]
    rates: RateCard

    def id_of(self, code: str, *, is_host: bool) -> int:
        return self.ids[self.shape.bit_of[is_host, code]]


@dataclass(frozen=True, slots=True)
class Board:
    """`guards` are kept for those that wait; writing one moves the pool's generation, as writing allocations does."""

    stamp: Stamp
    inventory: Inventory
    timeline: Timeline
    guards: tuple[Guard, ...] = ()

    @property
    def generation(self) -> int:
        return self.stamp.generation


_kept: dict[tuple[str, ...], Board] = {}
_carried: ContextVar[dict[str, Board | None]] = ContextVar("carried", default={})  # noqa: B039  # never written to
_one_at_a_time = Lock()  # who waits for it holds no row of the database


def board(*, pool_code: str) -> Board:
    """The pool as it is now. One query when nothing changed. Raises Pool.DoesNotExist."""
    kept = _kept.get(_key(pool_code))
    if connection.in_atomic_block:
        return _caught_up(pool_code, kept)
    connection.ensure_connection()  # or all connections might wait for the lock whose owner waits for one
    with _one_at_a_time:
        found = _caught_up(pool_code, _kept.get(_key(pool_code)))
        _keep(pool_code, found)
    return found


def board_before(*, pool_code: str, stamp: Stamp) -> Board:
    """For who has just moved the pool's generation, and so holds its lock, to that of `stamp`: the board until then.

    No query if nobody has moved it since this process looked.
    """
    before = replace(stamp, generation=stamp.generation - 1)
    for kept in (_carried.get().get(pool_code), _kept.get(_key(pool_code))):
        if kept is not None and kept.stamp == before:
            return kept
    return replace(_caught_up(pool_code, _kept.get(_key(pool_code))), stamp=before)


def keep_after_commit(*, pool_code: str, seen: Board, changed: Iterable[str], held: list[Stay]) -> None:
    """Spare the next one the reading of what this transaction writes under the pool's lock.

    `seen` is the board before; `changed` are the reservations written and `held` is all they hold.
    """
    stamp = replace(seen.stamp, generation=seen.generation + 1)
    written = set(changed)
    guards = tuple(one for one in seen.guards if one.reservation not in written)
    made = replace(seen, stamp=stamp, timeline=_with(seen.timeline, written, held), guards=guards)
    if pool_code in _carried.get():
        _carried.get()[pool_code] = made
    transaction.on_commit(partial(_keep, pool_code, made), robust=True)


@contextmanager
def carried(*, pool_code: str) -> Iterator[None]:
    """For who books many in one transaction: each finds the board as the one before left it, and reads nothing again.

    Whoever is refused must be so before anything of it is written: else what is carried would tell of that.
    """
    token = _carried.set({pool_code: None})
    try:
        yield
    finally:
        _carried.reset(token)


def forget() -> None:
    """Keep nothing."""
    _kept.clear()


def _keep(pool_code: str, made: Board) -> None:
    """The newer one stays, unless it is of another life of the pool."""
    kept = _kept.get(_key(pool_code))
    if kept is None or not _is_same_life(kept.stamp, made.stamp) or kept.generation <= made.generation:
        _kept[_key(pool_code)] = made


def _caught_up(pool_code: str, kept: Board | None) -> Board:
    if kept is None:
        return _loaded(pool_code)
    news = read(pool_code=pool_code, seen=kept.generation)
    if not _is_same_life(kept.stamp, news.stamp) or news.stamp.generation < kept.generation:
        return _loaded(pool_code)
    inventory, timeline = kept.inventory, kept.timeline
    if news.stamp.inventory != inventory.generation:
        inventory = _inventory(pool_code, news.stamp.inventory)
        if not inventory.shape.holds_the_same_units(kept.inventory.shape):
            return _loaded(pool_code)
        timeline = timeline.fork(inventory.shape)
    if news.rows:
        timeline = _with(timeline, news.reservations, news.held(inventory.units))
    if timeline is kept.timeline and news.stamp == kept.stamp and news.guards == kept.guards:
        return kept
    return Board(news.stamp, inventory, timeline, news.guards)


def _loaded(pool_code: str) -> Board:
    """The stamp is read first, and the inventory before what speaks of its units; whoever moved since is seen later."""
    stamp = read(pool_code=pool_code, seen=_NEWEST).stamp
    inventory = _inventory(pool_code, stamp.inventory)
    with _no_collecting():
        held = read(pool_code=pool_code)
        if held.stamp.inventory != stamp.inventory:
            return _loaded(pool_code)
        timeline = Timeline(inventory.shape.topology, shape=inventory.shape)
        timeline.load(held.held(inventory.units))
        if len(held.rows) >= _MANY:
            gc.freeze()  # one look through them all is a pause that a caller would feel
    return Board(held.stamp, inventory, timeline, held.guards)


def _inventory(pool_code: str, generation: int) -> Inventory:
    shape = Shape(topology(pool_code=pool_code))
    rows = unit_ids(pool_code=pool_code)
    ids = tuple(rows[key] for key in shape.keys)
    hosts = len(shape.hosts)
    units = Units(
        bit_of_host={pk: bit for bit, pk in enumerate(ids[:hosts])},
        bit_of_block={pk: bit for bit, pk in enumerate(ids[hosts:], hosts)},
        codes=shape.keys,
    )
    return Inventory(generation, shape, units, ids, dict(catalogue_only()), rate_card(pool_code=pool_code))


def _with(timeline: Timeline, changed: Iterable[str], held: list[Stay]) -> Timeline:
    """Whoever changes a reservation's allocations writes all of them, so that they are replaced as a whole."""
    made = timeline.fork()
    for reservation in changed:
        made.remove_reservation(reservation)
    made.add_stays(held)
    return made


def _is_same_life(one: Stamp, other: Stamp) -> bool:
    return (one.pool_id, one.table) == (other.pool_id, other.table)


def _key(pool_code: str) -> tuple[str, ...]:
    place = connection.settings_dict
    return (str(place["HOST"]), str(place["PORT"]), str(place["NAME"]), pool_code)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """A million new objects that all stay would be looked through again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_MANY = 10_000  # nodes' stays, of which a large pool's calendar has ten times as many
_NEWEST = 2**62  # later than any generation: the stamp alone
