"""The agent of the demo speaks to the API and to nothing else."""

import httpx
from django.test import Client

from fabric.models import ResourceBlock
from portal.management.commands.fake_agent import bodies, percent_of, post_once
from scheduler.models import Utilisation
from tests.portal.cast import MONDAY, Cast


def test_numbers_depend_on_the_block_alone() -> None:
    found = {percent_of(f"block-{number}", mean=60, idle=()) for number in range(200)}

    assert found == set(range(50, 71))
    assert (percent_of("block-1", mean=100, idle={"block-1"}), percent_of("block-1", mean=1_000, idle=())) == (0, 100)


def test_calls_are_not_too_long() -> None:
    blocks = [f"block-{number}" for number in range(2_500)]

    sizes = [len(body["samples"]) for body in bodies(blocks, pool="lab", mean=60, idle=(), at=MONDAY)]

    assert sizes == [1_000, 1_000, 500]


def django(request: httpx.Request) -> httpx.Response:
    """The portal itself, in this process."""
    asked = Client().generic(
        request.method,
        request.url.raw_path.decode(),
        request.content,
        request.headers.get("content-type", ""),
        headers={"Authorization": request.headers["authorization"]},
    )
    return httpx.Response(asked.status_code, content=asked.content)


def test_every_accelerator_of_the_pool_is_told_of(people: Cast) -> None:
    _, text = people.token("olga", scopes=("operate", "inventory:read"))
    options = {"pool": "lab", "percent": 60, "idle": ["pru-01-s01"]}
    headers = {"Authorization": f"Bearer {text}"}
    transport = httpx.MockTransport(django)

    with httpx.Client(base_url="http://testserver/api/v1/", headers=headers, transport=transport) as caller:
        taken = post_once(caller, options)

    blocks = ResourceBlock.objects.filter(pool=people.pool, device_class__kind__in={"gpu", "xpu", "fpga"})
    assert taken == Utilisation.objects.count() == blocks.count()
    assert list(Utilisation.objects.filter(percent=0).values_list("block__code", flat=True)) == ["pru-01-s01"]
