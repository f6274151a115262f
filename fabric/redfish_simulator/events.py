"""Server-sent events (DSP0266 13.5): what happened on the fabric, each with its number as the id."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator

from fabric.redfish_simulator import errors
from fabric.redfish_simulator.face import Face
from fabric.redfish_simulator.web import Reply, Request

LOOK_SECONDS = 0.5  # between two looks; a comment in each keeps the connection alive


def stream(face: Face, request: Request) -> Reply:
    last = request.headers.get("last-event-id", "0")
    headers = {"content-type": "text/event-stream"}
    return Reply(status=200, headers=headers, stream=_pour(face, int(last) if last.isdigit() else 0))


async def _pour(face: Face, last: int) -> AsyncIterator[str]:
    while True:
        for row in face.facts.events(after=last):
            last = row["seq"]
            yield _event(row)
        yield ": nothing more\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def _event(row: sqlite3.Row) -> str:
    name = "ResourceEvent.1.3.ResourceChanged"
    record = errors.message(name, row["what"], severity="OK") | {
        "@odata.type": "#Event.v1_11_0.EventRecord",
        "EventId": str(row["seq"]),
        "MemberId": "0",
        "EventType": "Other",
    }
    body = {"@odata.type": "#Event.v1_11_0.Event", "Id": str(row["seq"]), "Name": "Event", "Events": [record]}
    return f"id: {row['seq']}\ndata: {json.dumps(body)}\n\n"
