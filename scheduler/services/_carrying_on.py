"""Go on with a change of mix, whenever something that is done for it has ended.

In the transaction that settles an operation, under the pool's lock: what is next is queued with what was. So a change
is always either waiting for work that is in the queue, or over. First all that comes is composed; when it is proven,
what goes is taken apart, cleaned and given back. Where something does not come, what has come is given back instead.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime

from fabric.models import Composition
from fabric.states import LIVE_COMPOSITIONS, CompositionState
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation, Reservation
from scheduler.planning.change import Change, Stage
from scheduler.planning.charging import charged_by_class, rest_of
from scheduler.planning.plan import Plan, plan_from_wire
from scheduler.planning.replacing import Standing
from scheduler.requests import Actor
from scheduler.services._changing import begin_change, node_in_use
from scheduler.services._commit import Footing, take_footing
from scheduler.services._releasing import queue_release
from scheduler.services._resize_words import nodes_in_words, told_of
from scheduler.services._rewriting import rewrite, write_plan_of
from scheduler.services._standing import standing_of
from scheduler.states import OPEN_OPERATIONS, Priority, ReservationState

SHRINKS = "The mix is changed: devices are given back."
TAKES_BACK = "The mix could not be changed: what came is given back."
GOES = "It is no longer part of the mix."


def carry_on(*, reservation: Reservation, by: Actor, now: datetime, failure: str = "") -> bool:
    """Whether a change of mix is under way. `failure` is why what ended now was not done."""
    change = plan_from_wire(reservation.plan).change
    if change is None or reservation.state != ReservationState.ACTIVE:
        return False
    footing = take_footing(pool=reservation.pool)
    standing = standing_of(reservation=reservation, board=footing.board, now=now)
    work = _Work(reservation, change, standing, footing, by, now)
    if failure and change.stage == Stage.ADDING and not change.reason:
        work.turn(change.stage, reason=failure)
    if change.stage != Stage.ADDING:
        work.drop_closed()
    is_at_work = Operation.objects.filter(reservation=reservation, state__in=sorted(OPEN_OPERATIONS)).exists()
    if not is_at_work:
        _NEXT[work.change.stage](work)
    return True


class _Work:
    """One change, under the lock. `change` and `plan` are as they are written."""

    def __init__(
        self,
        reservation: Reservation,
        change: Change,
        standing: Standing,
        footing: Footing,
        by: Actor,
        now: datetime,
    ) -> None:
        self.reservation = reservation
        self.change = change
        self.standing = standing
        self._footing = footing
        self._by = by
        self._now = now

    @property
    def plan(self) -> Plan:
        return self.standing.plan

    def turn(self, stage: Stage, *, reason: str = "") -> None:
        self.change = replace(self.change, stage=stage, reason=reason or self.change.reason)
        self._write(replace(self.plan, change=self.change))

    def came(self) -> bool:
        """Every node that comes is proven, and every node that grows has all it was to get."""
        proven = self._nodes_in(CompositionState.COMPOSED)
        return proven >= {*self.change.comes} and all(
            len(self._extra(node)) >= len(adds) for node, adds in self.change.grows.items()
        )

    def charge(self) -> None:
        """What came is charged from now on; what filled a gap is no gap any more."""
        codes = [code for node in self.plan.nodes if node.index in self.change.comes for code in node.blocks]
        extra = {node: self._extra(node) for node in self.change.grows}
        gaps = list(self.reservation.shortfall)
        for node, ones in extra.items():
            for code, count in self._classes(ones).items():
                filled = [gap for gap in gaps if gap["node"] == node and gap["device_class"] == code][:count]
                gaps = [gap for gap in gaps if gap not in filled]
        price = self._priced(self._classes([*codes, *(code for ones in extra.values() for code in ones)]))
        self._write(self.plan, price=price, shortfall=gaps)

    def release(self, nodes: Collection[int], reason: str) -> None:
        """Those that are wired, or may be."""
        live = Composition.objects.filter(owner=self.reservation.code, node__in=nodes, state__in=LIVE_COMPOSITIONS)
        for composition in live.order_by("id"):
            queue_release(
                reservation=self.reservation,
                composition=composition,
                reason=reason,
                by=self._by,
                now=self._now,
                due_at=self._now,
            )

    def give_back(self, node: int, codes: Collection[str], reason: str) -> None:
        """Of a node that stays; nothing where it has none of them any more."""
        composition = node_in_use(reservation=self.reservation, node=node)
        own = set(composition.blocks.values_list("code", flat=True)) if composition is not None else set()
        if composition is None or not own & set(codes):
            return
        begin_change(
            reservation=self.reservation,
            composition=composition,
            standing=self.standing,
            footing=self._footing,
            adds={},
            removes=own & set(codes),
            reason=reason,
            by=self._by,
            now=self._now,
        )

    def take_back(self) -> None:
        self.release(self.change.comes, self.change.reason)
        for node in self.change.grows:
            self.give_back(node, self._extra(node), TAKES_BACK)

    def drop_closed(self) -> None:
        """Nodes that are proven gone leave the plan; what was charged of them is credited from now on."""
        is_undone = self.change.stage == Stage.UNDOING
        leaving = {*(self.change.comes if is_undone else self.change.goes)}
        gone = [node for node in self.plan.nodes if node.index in leaving - self._nodes_in(*LIVE_COMPOSITIONS)]
        if not gone:
            return
        devices = self._classes(code for node in gone for code in node.blocks)
        price = self.reservation.price if is_undone else self._priced(Counter({c: -n for c, n in devices.items()}))
        kept = tuple(node for node in self.plan.nodes if node not in gone)
        indexes = {node.index for node in gone}
        plan = replace(self.plan, nodes=kept, change=self.change)
        rewrite(
            reservation=self.reservation,
            plan=plan,
            footing=self._footing,
            now=self._now,
            price=price,
            shortfall=[gap for gap in self.reservation.shortfall if gap["node"] not in indexes],
        )
        self.standing = self.standing.with_plan(plan)

    def finish(self) -> None:
        """The mix is the new one. What did not let go of its node is told, and stays until it is asked for again."""
        before, groups = self.plan, self.change.groups
        nodes = [replace(node, group=groups[node.index][0], role=groups[node.index][1]) for node in before.nodes]
        nodes.sort(key=lambda node: (node.group, node.index))
        for node in nodes:
            mine = Composition.objects.filter(owner=self.reservation.code, node=node.index)
            mine.filter(state__in=LIVE_COMPOSITIONS).exclude(role=node.role).update(role=node.role)
        plan = replace(before, nodes=tuple(nodes), change=None)
        self._write(plan, request=dict(self.change.request))
        stuck = sorted(code for node in nodes for code in {*node.blocks} & {*self.change.shrinks.get(node.index, ())})
        kept = f" {', '.join(stuck)} did not let go and stays, and is charged on; ask again." if stuck else ""
        self._tell(JournalKind.RESERVATION_RESIZED, f"Resized: {nodes_in_words(plan)}.{kept}", plan)

    def give_up(self) -> None:
        """It is as it was."""
        plan = replace(self.plan, change=None)
        self._write(plan)
        message = f"Not resized: it is as it was, {nodes_in_words(plan)}. {self.change.reason}".strip()
        self._tell(JournalKind.RESERVATION_NOT_RESIZED, message, plan)

    def _tell(self, kind: JournalKind, message: str, plan: Plan) -> None:
        facts = {"nodes": told_of(plan, plan)["nodes"], "usd": self.reservation.price.get("usd")}
        facts |= {"reason": self.change.reason} if self.change.reason else {}
        journal.record(
            kind=kind, message=message, by=self._by, now=self._now, reservation=self.reservation, facts=facts
        )

    def _write(self, plan: Plan, **changes: object) -> None:
        topology = self.standing.snapshot.topology
        write_plan_of(reservation=self.reservation, plan=plan, topology=topology, now=self._now, **changes)
        self.standing = self.standing.with_plan(plan)

    def _nodes_in(self, *states: CompositionState) -> set[int]:
        rows = Composition.objects.filter(owner=self.reservation.code, state__in=states)
        return set(rows.values_list("node", flat=True))

    def _extra(self, node: int) -> list[str]:
        """What it has beyond what it had: a fabric may have picked other devices than were asked for."""
        own = next((set(one.blocks) for one in self.plan.nodes if one.index == node), set())
        return sorted(own - set(self.change.had[node]))

    def _classes(self, codes: Iterable[str]) -> Counter[str]:
        blocks = self.standing.snapshot.topology.blocks
        return Counter(blocks[code].device_class for code in codes)

    def _priced(self, devices: Counter[str]) -> object:
        one, classes = self.reservation, self.standing.snapshot.topology.classes
        window = rest_of(one.starts_at, one.ends_at, now=self._now)
        terms = self.standing.snapshot.terms(Priority(one.priority))
        return charged_by_class(price=one.price, devices=devices, window=window, classes=classes, terms=terms)


def _after_adding(work: _Work) -> None:
    if not work.came():
        work.turn(Stage.UNDOING)
        work.take_back()
        _go_on(work)
        return
    work.charge()
    work.turn(Stage.REMOVING)
    work.release(work.change.goes, GOES)
    for node, codes in work.change.shrinks.items():
        work.give_back(node, codes, SHRINKS)
    _go_on(work)


def _after_removing(work: _Work) -> None:
    work.finish()


def _after_undoing(work: _Work) -> None:
    work.give_up()


def _go_on(work: _Work) -> None:
    """At once, where nothing had to be queued."""
    work.drop_closed()
    open_yet = Operation.objects.filter(reservation=work.reservation, state__in=sorted(OPEN_OPERATIONS))
    if not open_yet.exists():
        _NEXT[work.change.stage](work)


_NEXT: dict[Stage, Callable[[_Work], None]] = {
    Stage.ADDING: _after_adding,
    Stage.REMOVING: _after_removing,
    Stage.UNDOING: _after_undoing,
}
