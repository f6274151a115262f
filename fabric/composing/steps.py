"""The do/undo table: what each step of wiring a node costs to take back. Pure."""

from collections.abc import Mapping

from fabric.states import StepKind

DO_ORDER = (
    StepKind.INSPECT,
    StepKind.QUIESCE,
    StepKind.CONFIGURE,
    StepKind.COMPOSE,
    StepKind.PROVE,
    StepKind.GRANT,
)
UNDO_ORDER = (StepKind.DRAIN, StepKind.REVOKE, StepKind.DECOMPOSE, StepKind.CLEAN, StepKind.PROVE_GONE)

UNDO: Mapping[StepKind, tuple[StepKind, ...]] = {
    StepKind.INSPECT: (),  # it only reads
    StepKind.QUIESCE: (),  # a host nobody holds may stay off
    StepKind.CONFIGURE: (StepKind.DECOMPOSE, StepKind.CLEAN, StepKind.PROVE_GONE),  # the name is given up; a reset
    StepKind.COMPOSE: (StepKind.DECOMPOSE, StepKind.CLEAN, StepKind.PROVE_GONE),
    StepKind.PROVE: (StepKind.REVOKE,),  # it powers a quiesced host on
    StepKind.GRANT: (StepKind.DRAIN, StepKind.REVOKE),  # from here on somebody may work on it
}
