"""The statements behind one reservation whole: as few as can be, since every booking and every look asks them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model

from fabric.states import DriftKind
from scheduler import fetching
from scheduler.fetching import Row
from scheduler.models import Reservation
from scheduler.planning.plan import NodePlan
from scheduler.queries.reservations import Names

FAILING = (DriftKind.LOST, DriftKind.ELSEWHERE, DriftKind.ABSENT, DriftKind.UNHEALTHY, DriftKind.CHANGED)
_HOSTS = "SELECT code, address, model FROM fabric_host WHERE pool_id = %s AND code = ANY(%s)"
_BLOCKS = """
SELECT b.code, c.code, c.name, c.kind, (SELECT code FROM fabric_pru WHERE id = b.pru_id),
       (SELECT code FROM fabric_host WHERE id = b.fixed_host_id), (SELECT code FROM fabric_zone WHERE id = b.zone_id),
       b.switch, b.slot_kind, b.slot, b.state, b.state_reason, b.is_cordoned,
       coalesce((SELECT serial FROM fabric_device WHERE block_id = b.id ORDER BY id + 0 LIMIT 1), ''),
       coalesce((SELECT pci_id FROM fabric_device WHERE block_id = b.id ORDER BY id + 0 LIMIT 1), ''),
       coalesce((
         SELECT kind FROM fabric_drift
         WHERE block_id = b.id AND resolved_at IS NULL AND kind = ANY(%s) ORDER BY id + 0 LIMIT 1
       ), '')
FROM fabric_resourceblock b
JOIN fabric_deviceclass c ON c.id = b.device_class_id
WHERE b.pool_id = %s AND b.code = ANY(%s)
"""
# `id + 0`: or PostgreSQL may walk all devices in the order of their ids until it meets one of the block.
# Subqueries, since to find the best order of eight joins would take it longer than to read a few blocks.
_STORY = """
SELECT id, at, kind, message, actor_name, door FROM scheduler_journalentry
WHERE reservation_id = %s ORDER BY transaction_id DESC, id DESC LIMIT %s
"""
_ASKED = """
SELECT a.route, a.because, a.asked_at, a.expires_at, a.verdict, a.decided_at, coalesce(d.username, ''),
       coalesce(f.username, ''), a.reason
FROM scheduler_approval a
LEFT JOIN {people} d ON d.id = a.decided_by_id
LEFT JOIN {people} f ON f.id = a.on_behalf_of_id
WHERE a.reservation_id = %s ORDER BY a.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """`was_composed`: somebody has at least begun to wire it, so there may be nodes and proofs."""

    row: Reservation
    names: Names
    was_composed: bool
    series: str = ""  # code of the one it is an occurrence of


@dataclass(frozen=True, slots=True)
class Parts:
    """Hosts and blocks by code. `story` is its latest entries, the latest first; `asked` the last approval, or none."""

    hosts: Mapping[str, Row]
    blocks: Mapping[str, Row]
    story: Sequence[Row]
    asked: Sequence[Row] = ()


def reservation(code: str) -> Found | None:
    """One query."""
    found = fetching.rows(_one(), [code])
    if not found:
        return None
    *names, was_composed, series = found[0][-len(Names._fields) - 2 :]
    return Found(fetching.made(Reservation, found[0]), Names(*names), was_composed, series or "")


def parts(pool_id: int, planned: Iterable[NodePlan], *, story_of: int | None = None, entries_max: int = 0) -> Parts:
    """What the inventory says of the nodes, and the journal of a reservation. One query."""
    hosts, blocks = [node.host for node in planned], [code for node in planned for code in node.blocks]
    failing = [str(kind) for kind in FAILING]
    values: list[Any] = [pool_id, hosts, failing, pool_id, blocks, story_of, entries_max, story_of]
    of_hosts, of_blocks, story, asked = fetching.answers((_HOSTS, _BLOCKS, _STORY, _asked()), values)
    return Parts({row[0]: row for row in of_hosts}, {row[0]: row for row in of_blocks}, story, asked)


@cache
def _asked() -> str:
    return _ASKED.format(people=get_user_model()._meta.db_table)


@cache
def _one() -> str:
    """Worded at first use: only then are all models known."""
    people = get_user_model()._meta.db_table
    return f"""
SELECT {fetching.columns(Reservation, "r")}, s.slug, s.name, p.code, p.name, p.time_zone, u.username,
       EXISTS (SELECT FROM fabric_composition c WHERE c.owner = r.code),
       (SELECT code FROM scheduler_series WHERE id = r.series_id)
FROM scheduler_reservation r
JOIN scheduler_project s ON s.id = r.project_id
JOIN fabric_pool p ON p.id = r.pool_id
LEFT JOIN {people} u ON u.id = r.created_by_id
WHERE r.code = %s
"""
