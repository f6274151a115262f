"""Other devices for a node that stays in use: as many more as are asked for, or some of its own fewer. Pure.

Those it keeps are its own; those that come are chosen by the same search, on its own host.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fabric.topology import BlockFacts
from scheduler.planning.case import Ask, Case, Wish
from scheduler.planning.diagnosis import ALL, UNPROVEN, find, placement_refusals
from scheduler.planning.pairing import Pairing
from scheduler.planning.plan import NodePlan, Plan, Setting
from scheduler.planning.replacing import AS_IT_COMES, Standing, node_of, rewired
from scheduler.planning.rules import quota
from scheduler.planning.rules.registry import DEVICE_RULES
from scheduler.planning.search import SearchLimit
from scheduler.planning.wishes import make_wish
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import Group, Line, Mix

_RULES = ALL - {RefusalCode.NEEDS_REBOOT}  # who asks is told that the host is started again
REMEDY = "ask for it as a group of its own, which is composed beside it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """`both` is the plan with what the node gets and what it gives up."""

    both: Plan
    adds: Mapping[str, Setting]
    removes: frozenset[str]


def unchangeable(standing: Standing, old: Mix, new: Mix, pairing: Pairing) -> Iterator[Refusal]:
    """What is settled when a node is composed, and asked to be another of one that stays."""
    for node, at in sorted(pairing.groups.items()):
        before, after = old.groups[node_of(standing.plan, node).group], new.groups[at]
        if _joins(before, old) != _joins(after, new):
            yield _not_in_place(at, "the network of a node and its rails are")
    for node, at in sorted(pairing.changes.items()):
        mine = node_of(standing.plan, node)
        if standing.snapshot.topology.hosts[mine.host].is_fixed:
            yield _not_in_place(at, "the devices of a fixed system are")
        elif _set_lines(old.groups[mine.group]) != _set_lines(new.groups[at]):
            yield _not_in_place(at, "how cards are cut and held to watts is")


def changed_in_place(*, standing: Standing, node: int, wish: Wish, case: Case) -> Changed | Sequence[Refusal]:
    """`case` has the pool without this node of it, from now on."""
    mine = node_of(standing.plan, node)
    index = case.index.leaving_out((True, host.code) for host in case.index.hosts if host.code != mine.host)
    case = Case(
        wishes=[_wish(standing, mine, wish)],
        window=case.window,
        project=case.project,
        index=index,
        busy=(case.busy_from, case.busy_until),
    )
    is_more = sum(wish.need.values()) > len(mine.blocks) or bool(_more(standing, mine, wish))
    ceilings = [*quota.devices(case), *quota.slices_only(case.asking([wish]))] if is_more else []
    devices = [refusal for rule in DEVICE_RULES for refusal in rule(case)]
    if ceilings or devices:
        return [*ceilings, *devices]
    try:
        draft = find(case, active=_RULES)
    except SearchLimit:
        draft = None
    if draft is None:
        found = [refusal for refusal in placement_refusals(case) if refusal.code in _RULES]
        return found or [replace(UNPROVEN, field=wish.field)]
    after = {block.code for block in draft[0].blocks}
    adds = dict.fromkeys(sorted(after - set(mine.blocks)), AS_IT_COMES)
    both = rewired(standing=standing, node=node, removes=(), adds=adds)
    if both is None:
        message = f"No link is left on {mine.host} for what comes beside what node {node + 1} has."
        return [Refusal(RefusalCode.NO_FABRIC_PORT, f"mix[{wish.group}]", message)]
    return Changed(both=both, adds=adds, removes=frozenset(mine.blocks) - after)


def _wish(standing: Standing, mine: NodePlan, wish: Wish) -> Wish:
    """The same, saying of which devices each is kept."""
    topology = standing.snapshot.topology
    held = _held(standing, mine)
    asks: list[Ask] = []
    for code, need in sorted({**dict.fromkeys(held, 0), **wish.need}.items()):
        path = wish.fields.get(code, wish.field)
        own = held.get(code, ())
        asks += _as_set(path, code, own, mine)
        plain = [block.code for block in own if block.code not in mine.settings]
        more = need - len(own)
        kept = min(len(plain), need - (len(own) - len(plain)))
        stock = {block.code for block in topology.stock.get(code, ())} - set(mine.blocks)
        asks += [Ask(path, (code,), kept, blocks=frozenset(plain))] if kept > 0 else []
        asks += [Ask(path, (code,), more, blocks=frozenset(stock))] if more > 0 else []
    return make_wish(
        index=mine.index,
        group=wish.group,
        role=wish.role,
        asks=asks,
        placement=wish.placement,
        classes=topology.classes,
        network=mine.network or None,
        rails=mine.rails or None,
    )


def _as_set(path: str, code: str, own: Sequence[BlockFacts], mine: NodePlan) -> Iterator[Ask]:
    """Cards that are cut or capped stay, each with the watts it is counted with."""
    caps: defaultdict[int | None, list[str]] = defaultdict(list)
    for block in own:
        if block.code in mine.settings:
            caps[mine.settings[block.code].power_cap_w].append(block.code)
    for cap, ones in sorted(caps.items(), key=lambda item: item[0] or 0):
        yield Ask(path, (code,), len(ones), power_cap_w=cap, blocks=frozenset(ones))


def _more(standing: Standing, mine: NodePlan, wish: Wish) -> Counter[str]:
    """Classes of which it is to have more."""
    return Counter(wish.need) - Counter({code: len(own) for code, own in _held(standing, mine).items()})


def _held(standing: Standing, mine: NodePlan) -> Mapping[str, Sequence[BlockFacts]]:
    found: defaultdict[str, list[BlockFacts]] = defaultdict(list)
    for code in mine.blocks:
        block = standing.snapshot.topology.blocks[code]
        found[block.device_class].append(block)
    return found


def _joins(group: Group, mix: Mix) -> tuple[str | None, int | None]:
    return group.placement.network or mix.network, group.placement.rails or mix.rails


def _set_lines(group: Group) -> Counter[Line]:
    """The lines that cut cards or hold them to watts."""
    return Counter(line for line in group.lines if any(_is_set(one) for one in (line, *line.first_of)))


def _is_set(line: Line) -> bool:
    return bool(line.profile) or line.power_cap_w is not None


def _not_in_place(group: int, what: str) -> Refusal:
    message = f"Of a node in use {what} not changed; {REMEDY}."
    return Refusal(RefusalCode.NOT_IN_PLACE, f"mix[{group}]", message)
