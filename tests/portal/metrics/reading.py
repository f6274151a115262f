"""Read an answer of `/metrics` with the parser of those who scrape."""

from collections.abc import Callable
from typing import Any

from prometheus_client.parser import text_string_to_metric_families


def read(answer: Any) -> Callable[..., float]:
    """The value of a sample by its name and labels; 0 for one that is not there, as a counter begins."""
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }
    return lambda name, **labels: found.get((name, tuple(sorted(labels.items()))), 0.0)
