"""Which nodes of a reservation in use stay under another mix, and as what; which change, which go, which come. Pure.

A group is the same one if it has the same role, or, where roles do not tell groups apart, the same place. Nodes of it
stay as long as there are enough in the new mix. A node too many becomes one of another group that asks for exactly the
same of it: so a ratio of roles is cut anew without any device being moved.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.planning.plan import NodePlan
from scheduler.requests import Group, Mix


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """By index of the node: the group of the new mix it belongs to.

    `stays` keep their devices, `changes` are asked for others. `goes` are indexes too; `comes` has the group of each
    node that is to be composed.
    """

    stays: Mapping[int, int] = field(default_factory=dict)
    changes: Mapping[int, int] = field(default_factory=dict)
    goes: tuple[int, ...] = ()
    comes: tuple[int, ...] = ()

    @property
    def groups(self) -> Mapping[int, int]:
        return {**self.stays, **self.changes}


def pair(
    *, old: Mix, new: Mix, nodes: Sequence[NodePlan], worn: Collection[int] = (), may_rename: bool = True
) -> Pairing:
    """`worn` are nodes that lack something: where some of a group have to go, these go first, then the last ones."""
    partner = _partners(old, new)
    stays: dict[int, int] = {}
    changes: dict[int, int] = {}
    spare: list[NodePlan] = sorted(nodes, key=lambda node: (node.index in worn, node.index))
    missing: dict[int, int] = {}
    for at, group in enumerate(new.groups):
        mine = [node for node in spare if partner.get(at) == node.group][: group.nodes]
        is_alike = bool(mine) and _asks_alike(old.groups[partner[at]], group)
        (stays if is_alike else changes).update({node.index: at for node in mine})
        spare = [node for node in spare if node not in mine]
        missing[at] = group.nodes - len(mine)
    for at, group in enumerate(new.groups):
        for node in [one for one in spare if may_rename and _is_alike(old.groups[one.group], group)]:
            if missing[at]:
                stays[node.index] = at
                missing[at] -= 1
                spare.remove(node)
    comes = tuple(at for at, count in missing.items() for _ in range(count))
    return Pairing(stays=stays, changes=changes, goes=tuple(sorted(node.index for node in spare)), comes=comes)


def _partners(old: Mix, new: Mix) -> Mapping[int, int]:
    """Group of the new mix → group of the old one."""
    if not (_are_told_apart(old) and _are_told_apart(new)):
        return {at: at for at in range(min(len(old.groups), len(new.groups)))}
    by_role = {group.role: at for at, group in enumerate(old.groups)}
    return {at: by_role[group.role] for at, group in enumerate(new.groups) if group.role in by_role}


def _are_told_apart(mix: Mix) -> bool:
    return max(Counter(group.role for group in mix.groups).values()) == 1


def _asks_alike(old: Group, new: Group) -> bool:
    """For the same devices: where they are is judged of the whole."""
    return old.lines == new.lines


def _is_alike(old: Group, new: Group) -> bool:
    return old.lines == new.lines and old.placement == new.placement
