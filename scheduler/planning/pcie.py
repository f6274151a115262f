"""What a PCIe link carries each way. Pure.

Rates per lane are those of the PCI Express Base Specification: 2.5, 5, 8, 16, 32 and 64 GT/s for generations 1 to 6. A
bit of payload takes 10/8 transfers up to generation 2, 130/128 up to 5; generation 6 sends 242 bytes of packets in a
flit of 256. What the packets' own headers take is not counted.
"""

ENCODED_GBIT_PER_S = {
    1: 2.5 * 8 / 10,
    2: 5 * 8 / 10,
    3: 8 * 128 / 130,
    4: 16 * 128 / 130,
    5: 32 * 128 / 130,
    6: 64 * 242 / 256,
}


def gbit_per_s(generation: int, lanes: int) -> float:
    """0 for a link of which nobody published the generation."""
    return ENCODED_GBIT_PER_S.get(generation, 0.0) * lanes
