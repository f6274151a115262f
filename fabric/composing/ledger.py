"""The executor's books in the database: each act one short transaction on the composition's row."""

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import transaction

from fabric.composing import ledger_changes, ledger_rows
from fabric.composing.books import OPEN, Block, Changes, Node, Resizing, Step, Superseded, Turned
from fabric.models import Attachment, Composition, CompositionStep, FabricManager, Host, Pool, Resize, ResourceBlock
from fabric.services import turns
from fabric.states import LIVE_COMPOSITIONS, BlockState, CompositionState

NO_CHANGES = Changes(at=datetime.min.replace(tzinfo=UTC))


class Ledger:
    """`Books` of one composition. `resize` is the row that the run is to carry out, if it is one of a resize.

    Lock order: pool (only where units may become unusable, which moves its generation), composition, units by id.
    """

    def __init__(
        self,
        *,
        composition: Composition,
        is_current: Callable[[], bool],
        on_step: Callable[[Step], None],
        resize: Resize | None = None,
    ) -> None:
        self._composition = composition
        self._is_current = is_current
        self._on_step = on_step
        self._resize = resize

    def require_current(self) -> None:
        if not self._is_current():
            raise Superseded

    def node(self) -> Node:
        composition = Composition.objects.select_related("host").get(id=self._composition.id)
        return ledger_rows.node_of(composition)

    def resizing(self) -> Resizing | None:
        row = Resize.objects.filter(id=self._resize.id).first() if self._resize else None
        return ledger_rows.resizing_of(row) if row else None

    def standing(self) -> tuple[CompositionState, str]:
        row = Composition.objects.values_list("state", "state_reason").get(id=self._composition.id)
        return CompositionState(row[0]), row[1]

    def steps(self) -> tuple[Step, ...]:
        rows = CompositionStep.objects.filter(composition=self._composition).order_by("position")
        return tuple(ledger_rows.step_of(row) for row in rows)

    def blocks(self, codes: Collection[str]) -> Mapping[str, Block]:
        return ledger_rows.blocks_of(ResourceBlock.objects.filter(pool=self._composition.pool_id, code__in=codes))

    def block_states(self, codes: Collection[str]) -> Mapping[str, BlockState]:
        rows = ResourceBlock.objects.filter(pool=self._composition.pool_id, code__in=codes).order_by("code")
        return {code: BlockState(state) for code, state in rows.values_list("code", "state")}

    def host_state(self) -> BlockState:
        return BlockState(Host.objects.values_list("state", flat=True).get(id=self._composition.host_id))

    def attached_elsewhere(self, codes: Collection[str]) -> frozenset[str]:
        rows = Attachment.objects.filter(block__pool=self._composition.pool_id, block__code__in=codes, until=None)
        return frozenset(rows.exclude(composition=self._composition).values_list("block__code", flat=True))

    def wanted_elsewhere(self, codes: Collection[str]) -> frozenset[str]:
        others = Composition.objects.filter(pool=self._composition.pool_id, state__in=LIVE_COMPOSITIONS)
        rows = others.exclude(id=self._composition.id).filter(blocks__code__in=codes)
        return frozenset(rows.values_list("blocks__code", flat=True))

    def live(self, tags: Collection[str]) -> frozenset[str]:
        rows = Composition.objects.filter(tag__in=tags, state__in=LIVE_COMPOSITIONS)
        return frozenset(rows.values_list("tag", flat=True))

    def is_paused(self) -> bool:
        return FabricManager.objects.filter(id=self._composition.fabric_manager_id, is_paused=True).exists()

    def begin(self, step: Step, *, only_in: Set[CompositionState], changes: Changes) -> None:
        with self._writing(changes) as composition:
            self._require_state(composition, only_in)
            CompositionStep.objects.create(composition=composition, **ledger_rows.new_row_of(step))
            ledger_changes.apply(composition, changes, self._resize)
            self._on_step(step)

    def take_over(self, step: Step, *, only_in: Set[CompositionState]) -> None:
        with self._writing(NO_CHANGES) as composition:
            self._require_state(composition, only_in)
            rows = CompositionStep.objects.filter(composition=composition, position=step.position, state__in=OPEN)
            if rows.update(attempt=step.attempt, fence=step.fence, request_id=step.request_id) != 1:
                raise Superseded
            self._on_step(step)

    def amend(self, step: Step) -> None:
        with self._writing(NO_CHANGES):
            self._write(step)

    def settle(self, *steps: Step, changes: Changes) -> None:
        with self._writing(changes) as composition:
            for step in steps:
                self._write(step)
            ledger_changes.apply(composition, changes, self._resize)

    def take_turn(self, *, now: datetime, until: datetime, at_most: int) -> bool:
        row = self._composition
        return turns.take_turn(manager_id=row.fabric_manager_id, key=row.tag, now=now, until=until, at_most=at_most)

    def return_turn(self) -> None:
        turns.return_turn(manager_id=self._composition.fabric_manager_id, key=self._composition.tag)

    @contextmanager
    def _writing(self, changes: Changes) -> Iterator[Composition]:
        """The composition's row, locked, as it is now."""
        with transaction.atomic():
            if changes.quarantined or changes.host_quarantined:
                Pool.objects.select_for_update(no_key=True).get(id=self._composition.pool_id)
            composition = Composition.objects.select_for_update(no_key=True).get(id=self._composition.id)
            self.require_current()
            yield composition

    def _write(self, step: Step) -> None:
        """Only under its own attempt and fence, and only while nobody has closed it."""
        mine = CompositionStep.objects.filter(
            composition=self._composition,
            position=step.position,
            attempt=step.attempt,
            fence=step.fence,
            state__in=OPEN,
        )
        if mine.update(**ledger_rows.outcome_of(step)) != 1:
            raise Superseded
        self._on_step(step)

    def _require_state(self, composition: Composition, only_in: Set[CompositionState]) -> None:
        if composition.state not in only_in:
            raise Turned
