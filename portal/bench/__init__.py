"""What `manage.py bench` measures: the planner at service level, through HTTP, and against ceilings of the same run.

Everything runs in a database of its own that is thrown away. A figure stands beside the same work done in plain SQL or
by a plain reading of all rows, in the same run on the same machine: only such ratios may be compared between machines.
`calendars` (the load) and `first_fit` are pure; the rest drives services, so nothing else may import this package.
"""
