"""How dates and times are written: day before month, 24 hours."""
