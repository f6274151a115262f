"""Version 1: one module an area. `wire` says how things look in JSON, `shapes` describes the same for the schema."""
