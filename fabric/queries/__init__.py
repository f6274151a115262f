"""Reads of the inventory, as frozen values; the number of queries never grows with the pool.

`topology(pool_code=…)` is the planner's and the composer's view of one pool; `catalogue_only()` names what no pool can
hold; `unit_ids()` are the rows behind its codes; `wiring()` tells what the links of a few hosts are made of. Lists for
pages and the API are `scheduler.queries`', because they also say who holds a unit.
May import `fabric` only.
"""

from fabric.queries.topology import catalogue_only, topology, unit_ids
from fabric.queries.wiring import Wiring, media_by_zone, wiring, wiring_of

__all__ = ["Wiring", "catalogue_only", "media_by_zone", "topology", "unit_ids", "wiring", "wiring_of"]
