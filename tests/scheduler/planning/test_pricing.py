from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from scheduler.planning.plan import Setting
from scheduler.planning.pricing import PricePart, price_of_mix, price_of_plan, price_to_wire, warm_up_seconds, watts
from scheduler.requests import Group, Line, Mix, Window
from tests.scheduler.planning.asking import grant
from tests.shipped import lab
from tests.worlds import CLASSES, GPU, NOW, NVME, ask, device_class, group, two_hosts_eight_gpus, window, with_host

H100, A100, NVME_LAB = "nvidia-h100-nvl-94gb", "nvidia-a100-pcie-80gb", "kioxia-cm7-r-15tb"


def test_rate_times_devices_times_hours_and_the_padding_is_free() -> None:
    # 4 × 2.50 × 2 h = 20.00; the drives have no rate.
    plan = grant(two_hosts_eight_gpus(), ask(group((GPU, 2), (NVME, 1), nodes=2)))

    price = price_of_plan(plan=plan, topology=two_hosts_eight_gpus())

    assert price.usd == Decimal("20.00")
    assert price.hours == Decimal("2.0000")
    assert price.parts == (PricePart(GPU, 4, Decimal("2.50"), Decimal("20.00")),)
    assert price.not_priced == (NVME,)


def test_a_mix_costs_what_its_plan_costs() -> None:
    request = ask(group((GPU, 2), (NVME, 1), nodes=2))
    world = two_hosts_eight_gpus()

    assert price_of_mix(mix=request.mix, topology=world, window=request.window) == price_of_plan(
        plan=grant(world, request), topology=world
    )


def test_the_labs_own_rates() -> None:
    # 4 × 3.07 × 1.5 h = 18.42
    asked = Mix((group((H100, 4), (NVME_LAB, 2)),))

    price = price_of_mix(mix=asked, topology=lab(), window=window(hours=1.5))

    assert (price.usd, price.not_priced) == (Decimal("18.42"), (NVME_LAB,))


def test_money_is_rounded_once_at_the_end() -> None:
    # A third of an hour at 1.00 is 0.333…; three classes of it are 1.00 and not 3 × 0.33.
    names = ("gpu-x", "gpu-y", "gpu-z")
    rated = [device_class(name, rate_usd_per_hour=Decimal("1.00")) for name in names]
    world = two_hosts_eight_gpus(classes=[*CLASSES, *rated])
    twenty_minutes = Window(starts_at=NOW, ends_at=NOW + timedelta(minutes=20))

    price = price_of_mix(mix=Mix((group(*((name, 1) for name in names)),)), topology=world, window=twenty_minutes)

    assert price.usd == Decimal("1.00")
    assert [part.usd for part in price.parts] == [Decimal("0.33")] * 3


def test_money_leaves_as_text() -> None:
    price = price_of_mix(mix=Mix((group((GPU, 1), (NVME, 1)),)), topology=two_hosts_eight_gpus(), window=window())

    assert price_to_wire(price) == {
        "usd": "5.00",
        "hours": "2.0000",
        "parts": [{"device_class": GPU, "count": 1, "rate_usd_per_hour": "2.50", "usd": "5.00"}],
        "not_priced": [NVME],
        "devices": {GPU: 1, NVME: 1},
    }


def test_what_is_left_open_costs_what_is_preferred() -> None:
    # The cheapest GPU of the lab is the A100, 1.30 × 3 × 2 h = 7.80; of two alternatives the first counts.
    selected = Line("", 3, selector="device.kind == 'gpu'")
    either = Line("", 1, first_of=(Line("nvidia-l40s-48gb", 2), Line(H100, 1)))

    cheapest, first = (
        price_of_mix(mix=Mix((Group("", 1, (line,)),)), topology=lab(), window=window()) for line in (selected, either)
    )

    assert (cheapest.usd, cheapest.devices) == (Decimal("7.80"), {A100: 3})
    assert (first.usd, first.devices) == (Decimal("6.20"), {"nvidia-l40s-48gb": 2})


def test_slices_cost_the_whole_cards_they_are_packed_on() -> None:
    # Eight 1g go on two cards of seven: 2 × 1.30 × 2 h = 5.20 for each of two nodes.
    sliced = Mix((Group("", 2, (Line(A100, 8, profile="1g.10gb"),)),))

    price = price_of_mix(mix=sliced, topology=lab(), window=window())

    assert (price.usd, price.devices) == (Decimal("10.40"), {A100: 4})


def test_what_matches_nothing_costs_nothing_yet() -> None:
    nothing = Mix((Group("", 1, (Line("", 1, selector="false"),)),))

    price = price_of_mix(mix=nothing, topology=lab(), window=window())

    assert (price.usd, price.parts, price.not_priced) == (Decimal("0.00"), (), ())


def test_a_cap_counts_in_place_of_the_draw() -> None:
    # host 500 + 50, one card of 100 W, one held to 60 W.
    world = two_hosts_eight_gpus()
    plan = grant(world, ask(group((GPU, 2))))
    (node,) = plan.nodes
    capped = replace(plan, nodes=(replace(node, settings={node.blocks[0]: Setting(power_cap_w=60)}),))

    assert (watts(plan=plan, topology=world), watts(plan=capped, topology=world)) == (750, 710)


def test_draw_and_warm_up_of_a_plan() -> None:
    # 2 hosts × (500 + 50) + 2 × 100 = 1,300 W. One host reboots for 240 s, beside the 8 s of a bind.
    world = with_host(two_hosts_eight_gpus(), "host-2", hot_add=False, reboot_seconds=240)
    plan = grant(world, ask(group((GPU, 1), nodes=2)))

    assert watts(plan=plan, topology=world) == 1_300
    assert warm_up_seconds(plan=plan, topology=world, bind_seconds=8) == 248
    assert warm_up_seconds(plan=plan, topology=two_hosts_eight_gpus(), bind_seconds=8) == 8
