"""The API door: version 1."""
