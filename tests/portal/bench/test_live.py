"""The live bench runs with few browsers, and a browser that lost or doubled an entry is found out."""

import pytest

from portal.bench import live
from portal.bench.live_browsers import frames_of
from portal.bench.live_report import table_of, tally
from portal.bench.measuring import Timing
from portal.live.frames import frame

ONE, TWO = (frame(entry_id=number, kind="step.done", reference="r-1").encode() for number in (1, 2))
POOL = frame(entry_id=0, kind="pool.changed", reference="lab").encode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs_broker
def test_it_tells_all_browsers_of_both_servers() -> None:
    lines: list[str] = []

    is_clean = live.run(say=lines.append, browsers=25, rounds=1, burst=3)

    said = "\n".join(lines)
    assert is_clean
    assert "25 browsers of 2 people" in said
    assert "### One event to every browser (ms)" in said
    assert "0 lost, 0 doubled, 0 browsers told out of order" in said


@pytest.mark.parametrize(
    ("heard", "faults"),
    [
        ([[ONE, POOL, TWO], [ONE, TWO]], (0, 0, 0)),
        ([[ONE], [ONE, TWO]], (1, 0, 0)),
        ([[ONE, TWO, TWO], [ONE]], (1, 1, 0)),
        ([[TWO, ONE], [ONE, TWO]], (0, 0, 1)),
    ],
)
def test_faults_are_counted_over_all_browsers(heard: list[list[bytes]], faults: tuple[int, int, int]) -> None:
    found = tally(heard=heard, told=[ONE, TWO], entries=2, seconds=0.1)

    assert (found.lost, found.doubled, found.disordered) == faults
    assert found.is_clean is (faults == (0, 0, 0))


def test_ratios_are_of_rounds_that_followed_each_other() -> None:
    """The machine was ten times as slow in the second round, for both."""
    bare, ours = Timing(((0.001, 0.002), (0.01, 0.02))), Timing(((0.003, 0.004), (0.03, 0.04)))

    text = table_of(ours=ours, bare=bare)

    assert "| ours/bare | 2.00×" in text
    assert text.endswith("at most 2 × the bare server's: met.")


def test_frames_are_read_whole_and_what_is_left_stays() -> None:
    long = b"x" * 300
    rest = bytearray(b"\x81\x02hi" + b"\x89\x01p" + b"\x81\x7e\x01\x2c" + long + b"\x81\x05hel")

    assert list(frames_of(rest)) == [(1, b"hi"), (9, b"p"), (1, long)]
    assert bytes(rest) == b"\x81\x05hel"
