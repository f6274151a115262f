"""The schema describes the whole language of a mix: what may be sent is as it says, and what is answered too."""

from typing import Any

import jsonschema
import pytest

from tests.portal.api.test_schema import check, schema
from tests.portal.cast import A100, H100, L40S, Cast, wish

__all__ = ["schema"]  # the fixture

GROUPS: dict[str, dict[str, Any]] = {
    "by class": {"lines": [{"device_class": H100, "count": 2, "power_cap_w": 300}], "placement": {"p2p": True}},
    "by selector": {"nodes": 2, "lines": [{"selector": "device.kind == 'gpu'", "count": 1}]},
    "slices": {"lines": [{"device_class": A100, "count": 3, "profile": "1g.10gb"}], "placement": None},
    "alternatives": {"lines": [{"first_of": [{"device_class": H100}, {"selector": "true", "count": 2}], "count": 1}]},
    "CPU nodes": {"role": "router", "host": {"cores": 8, "memory_gib": None}},
    "placement": {
        "nodes": 1,
        "lines": [{"device_class": L40S, "count": 1}],
        "placement": {"spread": "rack", "nic_affinity": None, "storage_affinity": False, "network": "rdma-1"},
    },
}


@pytest.mark.parametrize("case", GROUPS)
def test_what_is_sent_and_what_is_answered_is_as_described(people: Cast, schema: dict[str, Any], case: str) -> None:
    sent = wish() | {"mix": [GROUPS[case]], "placement": {"rails": 1}, "pinned": False}
    described = schema["paths"]["/api/v1/quotes/"]["post"]

    answer = people.caller("alice").post("quotes/", sent)

    assert answer.status_code == 201, answer.json()
    check(described["requestBody"]["content"]["application/json"]["schema"], schema, sent)
    check(described["responses"]["201"]["content"]["application/json"]["schema"], schema, answer.json())
    assert answer.json()["mix"] == sent["mix"]


def test_what_is_no_line_is_not_described_as_one(schema: dict[str, Any]) -> None:
    described = schema["paths"]["/api/v1/quotes/"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    with pytest.raises(jsonschema.ValidationError):
        check(described, schema, wish() | {"mix": [{"lines": [{"profile": "1g.10gb"}]}]})
