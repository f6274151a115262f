"""The one kind of error that ends a command with a sentence instead of a traceback."""


class Trouble(Exception):
    """Something the person at the terminal can put right; the message says how."""
