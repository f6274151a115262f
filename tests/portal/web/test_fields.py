"""A field as people call it."""

import pytest

from portal.web.present.fields import field_words


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("mix[0].lines[1].count", "Group 1, line 2, count"),
        ("mix[1].lines[0].first_of[2].device_class", "Group 2, line 1, choice 3, device class"),
        ("mix[0].placement.host.memory_gib", "Group 1, memory of the host"),
        ("placement.network", "RDMA network"),
        ("duration_minutes", "Length"),
        ("on_failure", "If a device fails"),
        ("colour", "Colour"),
    ],
)
def test_a_path_is_said_in_words(path: str, words: str) -> None:
    assert field_words(path) == words
