"""Selectors: a subset of CEL, in which a line says what a device must be instead of naming its class.

`parse(text)` reads one and refuses what is wrong with it, with its place and a remedy; the `Selector` then answers for
the attributes of a class or a block. Our words follow CEL (https://cel.dev): literals, lists, `device.NAME`,
`== != < <= > >= in`, `&& || !`, brackets, `has(device.NAME)`, `.startsWith() .endsWith() .contains()`. Left out are
arithmetic, `?:`, macros over lists and `matches`, for a regular expression may be slow and nothing here may be.
Length, depth, size and lists are bounded, so reading is linear and an answer takes microseconds. Pure.
"""

from scheduler.selectors.attributes import BLOCK_ATTRIBUTES, Attributes, attributes_of_block
from scheduler.selectors.reading import Selector, parse
from scheduler.selectors.tokens import SelectorError

__all__ = ["BLOCK_ATTRIBUTES", "Attributes", "Selector", "SelectorError", "attributes_of_block", "parse"]
