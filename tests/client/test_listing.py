"""Lists and streams: page by page, and on and on."""

from itertools import islice

import httpx

from heddle import bells
from tests.client.portals import URL, answer, portal, reservation


def page(*codes: str, following: str | None = None) -> httpx.Response:
    return answer({"results": [{"code": code} for code in codes], "next": following})


NEXT = f"{URL}/api/v1/pools/?cursor=c2&limit=200"


def test_rows_come_from_all_pages() -> None:
    asked = portal(page("a", "b", following=NEXT), page("c"))

    with asked.client() as heddle:
        found = [pool["code"] for pool in heddle.pools()]

    assert found == ["a", "b", "c"]
    assert asked.paths == ["/api/v1/pools/?limit=200", "/api/v1/pools/?cursor=c2&limit=200"]


def test_no_page_is_fetched_that_nobody_reads() -> None:
    asked = portal(page("a", "b", following=NEXT))

    with asked.client() as heddle:
        found = [pool["code"] for pool in islice(heddle.pools(), 2)]

    assert (found, len(asked.asked)) == (["a", "b"], 1)


async def test_the_other_client_lists_alike() -> None:
    asked = portal(page("a", following=NEXT), page("b"))

    async with asked.async_client() as heddle:
        found = [pool["code"] async for pool in heddle.pools()]

    assert found == ["a", "b"]


def entries(*ids: int) -> httpx.Response:
    return answer({"results": [{"id": one} for one in ids], "next": None})


def test_a_stream_goes_on_after_the_last_entry_it_gave() -> None:
    """There is no socket at this address: it looks every two seconds."""
    asked = portal(entries(4, 5), entries(), entries(9))

    with asked.client() as heddle:
        found = [entry["id"] for entry in islice(heddle.follow(after=3), 3)]

    assert (found, asked.slept) == ([4, 5, 9], [2.0, 2.0])
    assert [path.rpartition("=")[2] for path in asked.paths] == ["3", "5", "5"]


async def test_the_other_client_streams_alike() -> None:
    asked = portal(entries(4), entries(9))
    found = []

    async with asked.async_client() as heddle:
        async for entry in heddle.follow(code="r-1"):
            found.append(entry["id"])
            if entry["id"] == 9:
                break

    assert (found, asked.paths[0]) == ([4, 9], "/api/v1/reservations/r-1/events/?limit=200&after=0")


def test_changes_end_with_the_reservation() -> None:
    asked = portal(answer(reservation("active")), answer(reservation("releasing")), answer(reservation("ended")))

    with asked.client() as heddle:
        found = [one["state"] for one in heddle.changes("r-1")]

    assert found == ["active", "releasing", "ended"]


def test_the_socket_is_at_the_portals_own_address() -> None:
    assert bells.address("https://portal.example/heddle/", after=7) == "wss://portal.example/heddle/ws/live/?after=7"
    assert bells.address("http://127.0.0.1:8000", after=0) == "ws://127.0.0.1:8000/ws/live/?after=0"
    assert bells.options("https://portal.example/heddle", token="t")["origin"] == "https://portal.example"


def test_the_bell_rings_for_one_reservation_or_for_anything() -> None:
    frames = ['{"id": 1, "kind": "step.done", "reference": "r-1"}']

    assert (bells.rings(frames, code="r-1"), bells.rings(frames, code="r-2"), bells.rings(frames, code=None)) == (
        True,
        False,
        True,
    )
    assert bells.rings([], code=None) is False
    assert bells.rings(['{"id": 9, "kind": "resync", "reference": ""}'], code="r-2") is True
    assert bells.rings(["[1"], code="r-2") is True
