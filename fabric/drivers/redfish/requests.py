"""The one request of each part of an operation. Looks right before it asks, and looks again where a look was stale."""

from collections.abc import Sequence
from dataclasses import dataclass

from fabric.drivers.base import Conflict, Permanent
from fabric.drivers.redfish import creating
from fabric.drivers.redfish.answers import STALE_STATUSES, Answer
from fabric.drivers.redfish.devices import Devices
from fabric.drivers.redfish.notes import Note, Part
from fabric.drivers.redfish.profile import Creating, Resizing
from fabric.drivers.redfish.service import target
from fabric.drivers.redfish.view import SystemView, View

GONE = Answer(status=404)
DONE = Answer(status=204)
ADD, REMOVE = "#ComputerSystem.AddResourceBlock", "#ComputerSystem.RemoveResourceBlock"


@dataclass(frozen=True, slots=True)
class Sent:
    """`method` is how a device was reset, where that was asked for."""

    answer: Answer
    method: str = ""


class Requests:
    def __init__(self, *, view: View, devices: Devices) -> None:
        self._view = view
        self._service = view.service
        self._devices = devices

    def send(self, note: Note, part: Part) -> Sent:
        """Raises Transient if it was certainly not received, Unknown if nobody knows, else any answer at all."""
        if part.act == "create":
            return Sent(self._create(note))
        if part.act == "clean":
            return self._clean(part.block)
        for _ in range(2):
            system = self._view.systems().named(note.tag)
            if system is None:
                return Sent(GONE)
            answer = self._change(system, part, note)
            if answer.status not in STALE_STATUSES:
                break
        return Sent(answer)

    def _create(self, note: Note) -> Answer:
        wire, profile = self._service.wire, self._service.profile
        shown = self._view.named(note.blocks)
        if len(shown) < len(note.blocks):
            raise Conflict("A block is no longer there.", blocks=sorted(set(note.blocks) - set(shown)))
        asked = creating.request(
            self._service,
            op_key=note.op_key,
            tag=note.tag,
            host=self._view.host(note.host),
            blocks=[shown[code] for code in note.blocks],
            systems=self._view.systems,
        )
        answer = wire.send("POST", asked.path, asked.body)
        if answer.status == 400 and "Id" not in asked.body and _names_id(answer):
            answer = wire.send("POST", asked.path, asked.with_id(note.tag).body)
        action = self._service.places().compose_action
        if answer.status == 405 and profile.creating == Creating.AUTO and action:
            instead = creating.manifest(creating.Request(action, asked.body))
            answer = wire.send("POST", instead.path, instead.body)
        return answer

    def _change(self, system: SystemView, part: Part, note: Note) -> Answer:
        if part.act == "delete":
            return self._delete(system)
        if part.act == "expand":
            return self._patch(system, [*system.linked, *(code for code in note.blocks if code not in system.linked)])
        if part.act == "shrink" and not note.blocks and self._by_action(system, REMOVE):
            return DONE
        if part.act == "shrink":
            return self._patch(system, [code for code in system.linked if code not in note.blocks])
        return self._resize(system, part)

    def _delete(self, system: SystemView) -> Answer:
        return self._service.wire.send("DELETE", system.path, etag=system.etag)

    def _resize(self, system: SystemView, part: Part) -> Answer:
        """By action where it is offered and the profile lets us, else the whole array (DSP2050 15.2)."""
        is_there, is_adding = part.block in system.members, part.act == "add"
        shown = self._view.named([part.block]).get(part.block)
        is_coming = shown is not None and shown.is_moving
        if is_there == is_adding and not (is_coming and not is_adding):
            return DONE
        if address := self._by_action(system, ADD if is_adding else REMOVE):
            body = {"ResourceBlock": {"@odata.id": self._view.address_of(part.block)}}
            return self._service.wire.send("POST", address, body)
        if self._service.profile.resizing == Resizing.ACTIONS:
            raise Permanent("The service does not offer to add or remove blocks.")
        kept = [code for code in system.linked if code != part.block]
        return self._patch(system, [*kept, part.block] if is_adding else kept)

    def _by_action(self, system: SystemView, name: str) -> str:
        return "" if self._service.profile.resizing == Resizing.PATCH else target(system.document, name)

    def _patch(self, system: SystemView, codes: Sequence[str]) -> Answer:
        self._view.named(codes)
        blocks = [{"@odata.id": self._view.address_of(code)} for code in codes]
        return self._service.wire.send("PATCH", system.path, {"Links": {"ResourceBlocks": blocks}}, etag=system.etag)

    def _clean(self, code: str) -> Sent:
        block = self._view.named([code]).get(code)
        if block is None:
            return Sent(Answer(status=400, body={"error": {"message": "The block is not there."}}))
        action, address = self._devices.clean_action(self._devices.fresh(block))
        if address:
            return Sent(self._service.wire.send("POST", address, {}), f"Redfish {action}")
        if self._service.profile.is_clean_without_action:
            return Sent(DONE, "none: the profile says that it needs none")
        return Sent(Answer(status=400, body={"error": {"message": "The block offers no way to be reset."}}))


def _names_id(answer: Answer) -> bool:
    return any("Id" in message.args for message in answer.messages)
