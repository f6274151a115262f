"""How examples are taken out of a document."""

import pytest

from tests.docs.blocks import Block, as_script, blocks

DOCUMENT = """# A page

```sh
one
two
```

```json
{}
```

text

```sh
three
```
"""


def test_blocks_are_told_apart_by_their_language_and_know_their_line() -> None:
    assert blocks(DOCUMENT, "sh") == [Block("sh", 4, "one\ntwo"), Block("sh", 15, "three")]
    assert blocks(DOCUMENT, "json") == [Block("json", 9, "{}")]
    assert blocks(DOCUMENT, "yaml") == []


def test_a_script_has_every_line_where_the_document_has_it() -> None:
    lines = as_script(DOCUMENT, "sh").splitlines()

    assert {number: line for number, line in enumerate(lines, 1) if line} == {4: "one", 5: "two", 15: "three"}


def test_a_fence_that_is_never_closed_is_found() -> None:
    with pytest.raises(AssertionError, match="line 1 is never closed"):
        blocks("```sh\none\n", "sh")
