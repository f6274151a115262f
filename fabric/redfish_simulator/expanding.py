"""Hosts that expand (DSP2050 15.1.3): the engine wants a name for what is attached, the service has none.

So every expansion of a bare host is a machine of the engine under a name of its own, which nobody outside ever sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fabric.drivers.base import Conflict, Done, Pending
from fabric.redfish_simulator import paths
from fabric.redfish_simulator.face import Face


@dataclass(frozen=True, slots=True)
class Target:
    """A system whose blocks are changed. `tag` is the engine's, "" for a host that nothing of ours was added to."""

    host: str
    tag: str
    blocks: tuple[str, ...]  # all of them, strangers' too
    is_base: bool


def target(face: Face, identity: str) -> Target | None:
    host = identity.removeprefix(paths.PHYSICAL)
    if not identity.startswith(paths.PHYSICAL) or face.facts.host(host) is None:
        return None
    own = [row["tag"] for row in face.facts.systems() if row["host"] == host and not row["is_foreign"]]
    return Target(host, own[0] if own else "", tuple(face.facts.seen_by(host)), is_base=True)


def is_nothing(face: Face, target: Target, *, add: Sequence[str], remove: Sequence[str]) -> bool:
    """Whether it is so already; what is only on its way is called off by a request that leaves it out."""
    return not add and not remove and (not target.tag or bool(face.facts.blocks_of(target.tag)))


def change(face: Face, target: Target, op_key: str, *, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
    """Raises what the engine raises, and Conflict for taking what somebody else attached."""
    own = face.facts.blocks_of(target.tag) if target.tag else []
    coming = [row["code"] for row in face.facts.blocks() if row["is_coming"]]
    if strangers := sorted(set(remove) - {*own, *coming}):
        raise Conflict(f"Not ours to remove: {', '.join(strangers)}.", blocks=strangers)
    if not target.tag:
        return face.engine.compose(op_key=op_key, tag=f"{target.host}.{op_key}", host=target.host, blocks=add)
    if not add and not set(own) - set(remove):
        return face.engine.decompose(op_key=op_key, tag=target.tag)
    return face.engine.resize(op_key=op_key, tag=target.tag, add=add, remove=remove)
