"""Short public codes: readable aloud, not guessable in order."""

import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without 0 o 1 l i
_LENGTH = 8


def new_code(prefix: str) -> str:
    """`r-7k2m9qxw`: 31^8 ≈ 8.5e11 codes; the unique column has the last word."""
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
