"""Fabrics in memory."""

from tests.contracts.memory import tmp_path

__all__ = ["tmp_path"]
