"""Who we are to a fabric manager."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """Never printed: neither the secret nor, since some use it as one, the name."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


NOBODY = Credentials()
