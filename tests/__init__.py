"""Mirrors the tree; reads as documentation. Servers are started by the first test that needs one (see `servers`)."""
