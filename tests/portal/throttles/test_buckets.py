"""Buckets in a real Valkey and in memory: the same arithmetic, one atomic call, and what is done without Valkey."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import redis
from pytest_django.fixtures import Settings

from portal.throttles import in_memory, in_valkey
from portal.throttles.buckets import Bucket, put_back, take, take_surely
from portal.throttles.rates import Rate

Take = Callable[[Mapping[str, tuple[int, int]]], Sequence[tuple[int, int, int]] | None]
FIVE_AN_HOUR = Rate(5, 3_600)
INTERVAL = 720.0  # seconds
ONE, OTHER = Bucket("token", "token:1", FIVE_AN_HOUR), Bucket("project", "project:1", Rate(2, 3_600))


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    in_memory.forget()
    in_valkey.listen_again()
    yield
    in_valkey.listen_again()


@pytest.fixture(params=["valkey", "memory"])
def taking(request: pytest.FixtureRequest) -> Take:
    if request.param == "valkey":
        request.getfixturevalue("valkey_url")
        return in_valkey.take
    return in_memory.take


def sizes(*buckets: Bucket) -> dict[str, tuple[int, int]]:
    return {bucket.owner: (bucket.rate.interval, bucket.rate.window) for bucket in buckets}


def test_as_many_as_the_rate_says_and_no_more(taking: Take) -> None:
    told = [taking(sizes(ONE)) for _ in range(7)]

    left, waits = zip(*((remaining, retry > 0) for [(remaining, _, retry)] in told if told), strict=True)
    assert left == (4, 3, 2, 1, 0, 0, 0)
    assert waits == (False, False, False, False, False, True, True)


def test_who_is_refused_is_told_when_the_next_one_fits(taking: Take) -> None:
    for _ in range(5):
        taking(sizes(ONE))

    [(_, full_in, retry_in)] = taking(sizes(ONE)) or ()

    assert 3_590_000_000 < full_in <= 3_600_000_000
    assert 710_000_000 < retry_in <= 720_000_000


def test_of_several_all_or_none_are_taken(taking: Take) -> None:
    for _ in range(2):
        taking(sizes(ONE, OTHER))
    for _ in range(10):
        taking(sizes(ONE, OTHER))

    [(left, _, retry_in)] = taking(sizes(ONE)) or ()

    assert (left, retry_in) == (2, 0), "the ten that did not fit into the other took nothing out of this one"


@pytest.mark.needs_broker
def test_of_many_at_once_exactly_as_many_fit() -> None:
    together, told = threading.Barrier(20), []

    def ask() -> None:
        together.wait()
        told.extend(take([ONE]) or ())

    askers = [threading.Thread(target=ask) for _ in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert sorted(level.is_empty for level in told) == [False] * 5 + [True] * 15


@pytest.mark.needs_broker
def test_one_call_to_valkey(valkey_url: str) -> None:
    take([ONE, OTHER])  # the script is known from now on
    with redis.Redis.from_url(valkey_url) as valkey:
        valkey.config_resetstat()
        take([ONE, OTHER])
        calls = {name: of["calls"] for name, of in valkey.info("commandstats").items()}

    assert calls["cmdstat_evalsha"] == 1
    assert set(calls) <= {"cmdstat_evalsha", "cmdstat_time", "cmdstat_get", "cmdstat_set", "cmdstat_config|resetstat"}


@pytest.mark.needs_broker
def test_a_bucket_that_is_full_again_is_not_kept(valkey_url: str) -> None:
    take([Bucket("token", "token:2", Rate(10, 600))])

    with redis.Redis.from_url(valkey_url) as valkey:
        assert 50_000 < valkey.pttl("heddle:rate:token:2") <= 60_001


@pytest.mark.parametrize("is_away", [False, True])
def test_what_is_put_back_fits_again(valkey_url: str, settings: Settings, tmp_path: Path, is_away: bool) -> None:
    if is_away:
        settings.REDIS_URL = f"unix://{tmp_path}/gone.sock"
    for _ in range(5):
        take_surely([ONE])

    put_back([ONE])

    assert [take_surely([ONE])[0].is_empty for _ in range(2)] == [False, True]


def test_without_valkey_nothing_is_told_and_what_must_be_counted_is_counted_here(
    settings: Settings, tmp_path: Path
) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/gone.sock"

    assert take([ONE]) is None
    assert [take_surely([ONE])[0].remaining for _ in range(3)] == [4, 3, 2]


def test_a_valkey_that_hangs_is_asked_once_and_then_left_alone(settings: Settings) -> None:
    """It takes connections and says nothing: the first caller waits its tenth of a second, the others go on at once."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        settings.REDIS_URL = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        take([ONE])

        began = time.monotonic()
        told = [take([ONE]) for _ in range(100)]
        seconds = time.monotonic() - began

    assert told == [None] * 100
    assert seconds < in_valkey.SOCKET_SECONDS, "a hundred calls in less than one time-out"


def test_one_caller_in_a_while_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(in_valkey.time, "monotonic", lambda: now[0])
    silence = in_valkey.Silence()

    begins = [silence.begin(), silence.begin()]
    kept = [silence.is_kept()]
    now[0] += in_valkey.SILENT_SECONDS
    kept += [silence.is_kept(), silence.is_kept()]
    silence.end()
    kept += [silence.is_kept()]

    assert (begins, kept) == ([True, False], [True, False, True, False])


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "KEPT_MAX", 3)
    for number in (1, 2, 3, 1, 4):
        take_in_memory(number)

    left = {number: take_in_memory(number) for number in (1, 3, 4)}

    assert left == {1: 2, 3: 3, 4: 3}, "the second was seen longest ago, and made room"
    assert take_in_memory(2) == 4


def take_in_memory(number: int) -> int:
    [(left, _, _)] = in_memory.take(sizes(Bucket("token", f"token:{number}", FIVE_AN_HOUR)))
    return left
