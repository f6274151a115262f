"""English, but with a clock of 24 hours."""
