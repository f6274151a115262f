"""Extended errors (DSP0266 8.6) with message ids of the Base and Composition registries."""

from collections.abc import Mapping, Sequence
from typing import Any

from fabric.drivers.base import Conflict, DriverError, Permanent, Precondition, Transient
from fabric.redfish_simulator.web import NoReply, Reply

BASE = "Base.1.18."
COMPOSITION = "Composition.1.1."
RETRY_SECONDS = 2


def message(message_id: str, text: str, args: Sequence[str] = (), *, severity: str = "Critical") -> dict[str, Any]:
    return {
        "@odata.type": "#Message.v1_2_1.Message",
        "MessageId": message_id,
        "Message": text,
        "MessageArgs": list(args),
        "MessageSeverity": severity,
        "Resolution": "None.",
    }


def error(
    status: int, message_id: str, text: str, args: Sequence[str] = (), headers: Mapping[str, str] | None = None
) -> Reply:
    told = message(message_id, text, args)
    body = {"error": {"code": message_id, "message": text, "@Message.ExtendedInfo": [told]}}
    return Reply(status=status, body=body, headers=headers or {})


def not_found(path: str) -> Reply:
    return error(404, f"{BASE}ResourceMissingAtURI", f"The resource at the URI '{path}' was not found.", [path])


def not_allowed(methods: Sequence[str]) -> Reply:
    text = "The request method is not allowed for this resource."
    return error(405, f"{BASE}OperationNotAllowed", text, headers={"Allow": ", ".join(methods)})


def schema_of(odata_type: str) -> str:
    """Where DMTF publishes the schema of a type, such as `#Zone.v1_6_3.Zone`."""
    return f"http://redfish.dmtf.org/schemas/v1/{odata_type.removeprefix('#').rpartition('.')[0]}.json"


def missing_property(name: str) -> Reply:
    return error(
        400, f"{BASE}PropertyMissing", f"The property {name} is a required property and must be included.", [name]
    )


def unwritable(name: str) -> Reply:
    return error(400, f"{BASE}PropertyNotWritable", f"The property {name} is a read only property.", [name])


def malformed() -> Reply:
    return error(400, f"{BASE}MalformedJSON", "The request body submitted was malformed JSON.")


def of_engine(raised: DriverError) -> Reply:
    """What the engine refuses, in the words of Redfish. Raises NoReply where it says that nobody knows."""
    blocks = list(raised.blocks)
    if isinstance(raised, Transient):
        headers = {"Retry-After": str(RETRY_SECONDS)}
        text = f"{raised} Retry in {RETRY_SECONDS} seconds."
        return error(503, f"{BASE}ServiceTemporarilyUnavailable", text, [str(RETRY_SECONDS)], headers)
    if isinstance(raised, Conflict):
        name = f"{COMPOSITION}ResourceBlockInUse" if blocks else f"{BASE}ResourceInUse"
        return error(409, name, str(raised), blocks)
    if isinstance(raised, Precondition) and str(raised).startswith("In use"):
        return error(409, f"{BASE}ResourceInUse", str(raised), blocks)
    if isinstance(raised, Precondition):
        name = f"{COMPOSITION}ResourceBlockInvalid" if blocks else f"{BASE}PreconditionFailed"
        return error(409, name, str(raised), blocks)
    if isinstance(raised, Permanent):
        name = f"{COMPOSITION}ResourceBlockNotFound" if blocks else f"{BASE}PropertyValueError"
        return error(400, name, str(raised), blocks)
    raise NoReply
