"""The names a caller may use in a request: projects, pools, host templates, networks, device classes. One query.

What comes of the inventory is kept by the pools' inventory generations, which move whenever any of it changes; the
query reads those, the policies and the caller's projects.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fabric.catalogue.attributes import further_facts
from fabric.models import DeviceClass, Host, Network
from scheduler import fetching
from scheduler.mix_parsing import ClassWords
from scheduler.parsing import Vocabulary

_INVENTORIES_KEPT_MAX = 4
Generations = tuple[tuple[int, int], ...]  # (pool id, inventory generation), in the order of the codes


@dataclass(frozen=True, slots=True)
class _Inventory:
    host_classes: Mapping[str, frozenset[str]]
    networks: Mapping[str, frozenset[str]]
    device_classes: Mapping[str, ClassWords]


_POOLS = """
SELECT p.id, p.code, p.inventory_generation, (p.policy->>'setup_minutes')::int, caller.projects
FROM (
  SELECT ARRAY(
    SELECT s.slug::text FROM scheduler_project s
    WHERE (%s OR EXISTS (SELECT FROM scheduler_membership m WHERE m.project_id = s.id AND m.user_id = %s))
      AND (%s OR s.id = ANY(%s))
  ) AS projects
) AS caller
LEFT JOIN fabric_pool p ON true
ORDER BY p.code
"""


def vocabulary(*, user_id: int, sees_all: bool = False, only_project_id: int | None = None) -> Vocabulary:
    """A project left out looks like one that does not exist; `only_project_id` narrows to a token's."""
    narrowed = [] if only_project_id is None else [only_project_id]
    rows = fetching.rows(_POOLS, [sees_all, user_id, not narrowed, narrowed])
    pools = [row for row in rows if row[0] is not None]
    generations = tuple((pool_id, generation) for pool_id, _, generation, _, _ in pools)
    inventory = _kept(generations) if pools else _inventory()
    return Vocabulary(
        projects=frozenset(rows[0][-1]),
        setup_minutes={code: minutes for _, code, _, minutes, _ in pools},
        host_classes=inventory.host_classes,
        device_classes=inventory.device_classes,
        networks=inventory.networks,
    )


@lru_cache(maxsize=_INVENTORIES_KEPT_MAX)
def _kept(_generations: Generations) -> _Inventory:
    """Ids of pools are never used twice, so a pool that was made anew is read anew."""
    return _inventory()


def _inventory() -> _Inventory:
    hosts: defaultdict[str, set[str]] = defaultdict(set)
    for pool, template in Host.objects.order_by().values_list("pool__code", "template").distinct():
        hosts[pool].add(template)
    networks: defaultdict[str, set[str]] = defaultdict(set)
    for pool, code in Network.objects.filter(is_present=True).order_by().values_list("pool__code", "code"):
        networks[pool].add(code)
    return _Inventory(
        host_classes={pool: frozenset(templates) for pool, templates in hosts.items()},
        networks={pool: frozenset(codes) for pool, codes in networks.items()},
        device_classes={row.code: _class_words(row) for row in DeviceClass.objects.all()},
    )


def _class_words(row: DeviceClass) -> ClassWords:
    return ClassWords(row.tdp_w, tuple(further_facts(row.code, row.facts)["mig_profiles"]))
