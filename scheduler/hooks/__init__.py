"""Webhooks, seen from the wire: what a message says, how it is signed, where it may go, and one call that sends it.

Who is told of what, and when it is tried again, is in `scheduler/services/webhooks*.py`. Nothing here writes a row.
"""
