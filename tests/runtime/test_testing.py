"""How many tests run beside each other."""

import os

import pytest

from portal.runtime import testing


@pytest.mark.parametrize(("processors", "jobs"), [(None, 1), (1, 1), (2, 2), (4, 4), (64, 4)])
def test_each_processor_has_a_job_up_to_a_ceiling(
    monkeypatch: pytest.MonkeyPatch, processors: int | None, jobs: int
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: processors)

    assert testing.default_jobs() == jobs


def test_a_given_valkey_serves_one_test_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    monkeypatch.setattr(os, "cpu_count", lambda: 8)

    assert testing.default_jobs() == 1


def test_one_job_is_plain_pytest() -> None:
    assert testing.workers(jobs=1) == []
    assert testing.workers(jobs=3) == ["-n", "3", "--dist", "worksteal"]
