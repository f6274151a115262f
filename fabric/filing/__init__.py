"""Read a YAML file a person wrote, and say exactly what is wrong with it: file, line, key, what was expected.

`read_document` gives a tree of `Spot`s (a value and where it stands); `Fields` takes typed values out of one mapping
and refuses the keys nobody asked for; `FileRefused` carries every `Problem` found. Refused whole: too large, too deep,
aliases, tags, duplicate keys, NaN, an unknown `schema_version`. Knows nothing of pools or devices.
May import PyYAML and the standard library.
"""

from fabric.filing.fields import Fields
from fabric.filing.problems import FileRefused, Problem, each, gathering
from fabric.filing.reading import Spot, plain, read_document

__all__ = ["Fields", "FileRefused", "Problem", "Spot", "each", "gathering", "plain", "read_document"]
