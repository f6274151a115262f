"""Letters, seen from the reader: when one may come, what it says, and how one is handed to a mail server.

Who is written to, and when it is tried again, is in `scheduler/telling.py` and `scheduler/services/letters*.py`.
`times`, `schedule` and `words` are pure. Nothing here writes a row.
"""
