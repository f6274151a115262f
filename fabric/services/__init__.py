"""What changes the inventory; one verb a file, each one transaction, no network inside.

`sync.sync_pool_file` loads a catalogue and a pool file into rows. `units.move_blocks` and `units.move_hosts` are the
only way a unit's state moves. `cordon` keeps a unit from new allocations and lets it back. Nothing here writes a
journal: fabric reports by return values, and whoever calls (the scheduler) says who did it and tells the world.
Lock order: the pool's row (generation), then units by id. May import `fabric` only.
"""
