"""Reads of the inventory, as frozen values; the number of queries never grows with the pool.

`topology(pool_code=…)` is the planner's and the composer's view of one pool; `catalogue_only()` names what no pool can
hold; `unit_ids()` are the rows behind its codes. Lists for pages and the API are `scheduler.queries`', because they
also say who holds a unit.
May import `fabric` only.
"""

from fabric.queries.topology import catalogue_only, topology, unit_ids

__all__ = ["catalogue_only", "topology", "unit_ids"]
