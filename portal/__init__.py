"""The doors: pages, API, sockets, settings, and what `manage.py up` is made of.

Holds no rules. May use the scheduler's services, queries and pure words, and fabric's queries.
Nothing is imported here: the bootstrap reads `portal.runtime` before any package is installed.
"""
