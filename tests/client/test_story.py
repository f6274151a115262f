"""The main path on the real portal: three processes, an emulated fabric, and the command as a person types it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from heddle import AsyncHeddle, Heddle, Refused
from tests.client.conftest import Ran, Run, Site
from tests.client.test_documents import MIX as MIX_OF_THE_DOCUMENT
from tests.journeys.waiting import eventually
from tests.portal.cast import H100, L40S, wish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_broker]
QUICK = ("--project", "team-chat", "--pool", "lab")
CHANGE_SECONDS = 60
MIX = f"""\
project: team-chat
pool: lab
title: "70B serving: split"
starts_at: now
duration: 2h
mix:
  - role: decode
    lines: [{{device_class: {H100}, count: 4}}]
"""


def test_a_booking_from_a_file_to_its_end(signed_in: Run, tmp_path: Path) -> None:
    file = tmp_path / "mix.yaml"
    file.write_text(MIX)

    booked = signed_in("book", str(file), "--key", "night-7", "--wait", "--timeout", "2m", "--json")
    code = booked.json["code"]
    again = signed_in("list", "--state", "active", "--json")
    longer = signed_in("extend", code, "--by", "1h", "--json")
    smaller = signed_in("resize", code, "--gpu", f"{H100}:2")
    eventually(lambda: _counts(signed_in("show", code, "--json")) == [2], seconds=CHANGE_SECONDS, what="smaller")
    unclaimed = signed_in("check-in", code)
    shown = signed_in("show", code)
    released = signed_in("release", code, "-m", "done")
    watched = signed_in("watch", code)
    used = signed_in("usage", "--project", "team-chat", "--json")
    csv = signed_in("usage", "--csv", "--by", "day")

    assert (booked.code, booked.json["state"], booked.json["title"]) == (0, "active", "70B serving: split")
    assert [one["code"] for one in again.json["results"]] == [code]
    assert _hours(longer.json) - _hours(booked.json) == timedelta(hours=1)
    assert (smaller.code, smaller.out.split()[0]) == (0, code)
    assert (unclaimed.code, unclaimed.out.split()[0]) == (0, code)
    assert (shown.code, "✓  compose" in shown.out, f"2 × {H100}" in shown.out) == (0, True, True)
    assert {(row["project"], row["pool"]) for row in used.json["results"]} == {("team-chat", "lab")}
    assert (csv.code, csv.out.split(",")[:2]) == (0, ["project", "pool"])
    assert (released.code, released.out.split()[0]) == (0, code)
    assert (watched.code, watched.out.splitlines()[-1].split()[:3]) == (0, [code, "✓", "ended"])
    assert "\x1b" not in shown.out + watched.out


def _counts(shown: Ran) -> list[int]:
    return [line["count"] for line in shown.json["mix"][0]["lines"]]


def _hours(reservation: dict[str, str]) -> timedelta:
    return datetime.fromisoformat(reservation["ends_at"]) - datetime.fromisoformat(reservation["starts_at"])


def test_what_there_is_what_is_free_and_what_is_not(
    asking: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pools = asking("pools", "--json")
    classes = asking("classes", "--pool", "lab")
    free = asking("availability", "--from", "tomorrow 00:00", "--to", "tomorrow 12:00", "--step", "1h")
    quota = asking("quota", "team-chat")
    quoted = asking("quote", *QUICK, "-g", f"{L40S}:2", "--for", "1h", "--json")
    file = tmp_path / "mix.yaml"
    file.write_text(MIX_OF_THE_DOCUMENT, encoding="utf-8")
    from_file = asking("quote", str(file), "--json")
    slots = asking("slots", *QUICK, "-g", f"{L40S}:2", "--for", "1h", "--limit", "2", "--json")
    booked = asking("book", "--quote", slots.json["windows"][1]["id"], "--json")

    assert [pool["code"] for pool in pools.json["results"]] == ["lab"]
    assert (classes.code, [line.split()[0] for line in classes.out.splitlines()][:1]) == (0, ["class"])
    assert (free.code, f"{H100}" in free.out, "\x1b" in free.out) == (0, True, False)
    assert (quota.code, quota.out.splitlines()[1].split()[:5]) == (0, ["lab", "all", "accelerators", "12", "0"])
    assert quoted.json["price"]["hours"] == "1.0000"
    assert [node["role"] for node in from_file.json["plan"]["nodes"]] == ["prefill", "decode"]
    assert booked.json["starts_at"] == slots.json["windows"][1]["starts_at"]

    asked = ("book", *QUICK, "--gpu", f"{H100}:40", "--for", "2h", "--start", "2h", "--title", "Too much")
    no = asking(*asked)
    told = asking(*asked, "--json")
    taken = asking(*asked, "--take", "count", "--json")
    nothing = asking(*asked, "--take", "no-such")

    assert (no.code, no.out, "✗" in no.err, "--take N" in no.err) == (3, "", True, True)
    assert (told.code, told.out, told.error["code"], told.error["exit_code"]) == (3, "", "REFUSED", 3)
    assert (taken.code, taken.json["state"], taken.json["title"]) == (0, "confirmed", "Too much")
    assert (nothing.code, nothing.err.startswith("--take no-such is not there to take")) == (2, True)

    asked = ("book", *QUICK, "--gpu", L40S, "--for", "1h", "--start", "tomorrow 09:00", "--key", "k-1", "--quiet")
    first, second = asking(*asked), asking(*asked)
    other = asking(*asked, "--title", "Another", "--json")

    assert (first.code, first.out, second.out) == (0, first.out, first.out)
    assert (other.code, other.error["code"]) == (6, "KEY_REUSED")

    _changed_and_repeated(asking)

    code = first.out.strip()
    codes = {
        "not there": asking("show", "r-none").code,
        "stale": asking("cancel", code, "--if-version", "99").code,
        "missed": asking("wait", code, "--state", "held").code,
        "names nothing": asking("book", "-P", "no-such", "-p", "lab", "--gpu", L40S, "--for", "1h").code,
    }
    monkeypatch.setenv("HEDDLE_TOKEN", "hdl_wrong")
    codes["not known"] = asking("pools").code

    assert codes == {"not there": 4, "stale": 6, "missed": 9, "names nothing": 2, "not known": 5}


def _changed_and_repeated(asking: Run) -> None:
    """One booking through its changes, a series, a wait and an alert, on the real portal."""
    code = asking("book", *QUICK, "-g", L40S, "--for", "2h", "--start", "tomorrow 12:00", "--quiet").out.strip()
    moved = asking("move", code, "--start", "tomorrow 14:00", "--json")
    shorter = asking("shorten", code, "--by", "30m", "--json")
    itself = asking("auto-extend", code, "--until", "tomorrow 18:00", "--json")
    breathing = asking("elastic", code, "=1-2", "--profile", "=12345 09:00-17:00 1", "--json")
    nobody = asking("hand-over", code, "--to", "nobody")
    far = asking("move", code, "--start", "60d")

    assert _hours(shorter.json) - _hours(moved.json) == timedelta(minutes=-30)
    assert (itself.json["auto_extend_until"] is not None, breathing.json["elastic"][""]["ceiling"]) == (True, 2)
    assert (nobody.code, far.code) == (2, 3)

    week = ("--for", "1h", "--rule", "FREQ=DAILY;COUNT=2", "--first", f"{_tomorrow():%Y-%m-%d} 20:00")
    series = asking("series", "book", *QUICK, "-g", L40S, *week, "--json").json
    listed, shown = asking("series", "--json").json["results"], asking("series", "show", series["code"])
    ended = asking("series", "end", series["code"], "--json").json

    assert ([one["code"] for one in listed], len(series["occurrences"])) == ([series["code"]], 2)
    assert (shown.code, shown.out.count("confirmed"), ended["ahead"]) == (0, 2, 0)

    waiting = asking("queue", *QUICK, "-g", f"{H100}:8", "--for", "1h", "--to", "2d", "--json").json
    alert = asking("alerts", "make", *QUICK, "-g", f"{H100}:8", "--for", "1h", "--to", "2d").out.strip()
    waits, heard = asking("waitlist", "--json").json["results"], asking("alerts", "--json").json["results"]
    removed = asking("alerts", "remove", alert).code

    assert ([one["code"] for one in waits], [one["code"] for one in heard]) == ([waiting["code"]], [alert])
    assert (removed, asking("cancel", waiting["code"]).code) == (0, 0)
    assert (asking("approvals").code, asking("approve", code).code, asking("rates", "--json").code) == (0, 5, 0)


def _tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def test_signing_in_keeps_the_token_for_its_owner(web: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_TOKEN", web.token)
    signed = run("login", f"{web.url}/")
    monkeypatch.delenv("HEDDLE_TOKEN")
    pools = run("pools")
    assert (signed.code, signed.err) == (0, "")
    file = Path(signed.out.split()[-1].rstrip("."))

    made = run("tokens", "make", "nightly", "--scope", "reservations:read", "--days", "3", "--json")
    revoked = run("tokens", "revoke", made.json["id"])
    left = run("tokens", "--json")
    gone = (run("logout").code, run("pools").code)

    assert (signed.code, pools.code, web.token in signed.out + signed.err) == (0, 0, False)
    assert file.stat().st_mode & 0o777 == 0o600
    assert (made.code, revoked.code) == (0, 0)
    assert [token["name"] for token in left.json["results"]] == ["test"]
    assert gone == (0, 5)


def _unheard(seconds: float) -> None:
    raise AssertionError(f"The socket was not there, so it would have looked again after {seconds} s.")


async def test_both_clients_do_the_same(site: Site) -> None:
    """asyncio's books and gives back; the ordinary one is refused, takes what would fit, and reads the journal."""
    async with AsyncHeddle(site.url, site.token) as heddle:
        booked = await heddle.book(wish(1, L40S, starts_at=None, ends_at=None, duration_minutes=60))
        active = await heddle.wait(booked["code"], state="active", seconds=60)
        await heddle.release(booked["code"])
        states = [one["state"] async for one in heddle.changes(booked["code"])]
        kinds = [entry["kind"] async for entry in heddle.events_of(booked["code"])]

    assert (active["state"], states[-1]) == ("active", "ended")
    assert [kind for kind in kinds if kind.startswith("reservation.")] == [
        "reservation.confirmed",
        "reservation.composing",
        "reservation.active",
        "reservation.releasing",
        "reservation.ended",
    ]

    starts_at = datetime.now(UTC) + timedelta(days=1)
    period = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
    with Heddle(site.url, site.token, sleep=_unheard) as plain:
        with pytest.raises(Refused) as refused:
            plain.book(wish(40, H100, **period))
        taken = plain.book(refused.value.alternatives[0]["request"])
        first = next(plain.follow(code=taken["code"]))
        plain.cancel(taken["code"], version=taken["version"])
        second = next(plain.follow(code=taken["code"], after=first["id"]))

    assert (first["kind"], second["kind"]) == ("reservation.confirmed", "reservation.cancelled")
