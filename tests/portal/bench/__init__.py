"""The bench itself: what it makes, what it counts, and that every part of it runs."""
