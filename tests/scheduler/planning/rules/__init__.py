"""One file a rule.

A world in which it alone refuses, its numbers worked out by hand, and the neighbour that is granted.
"""
