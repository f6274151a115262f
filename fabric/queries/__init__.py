"""Reads of the inventory, as frozen values; the number of queries never grows with the pool.

`topology(pool_code=…)` is the planner's and the composer's view of one pool; the rest serves pages and the API.
`allocated` is not known here: who holds a unit is derived by the scheduler. May import `fabric` only.
"""

from fabric.queries.topology import catalogue_only, topology

__all__ = ["catalogue_only", "topology"]
