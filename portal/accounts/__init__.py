"""People and their tokens: who may come through a door."""
