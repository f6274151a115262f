"""What every driver must do, run against every driver: a new one adds a world to `worlds` and must pass."""
