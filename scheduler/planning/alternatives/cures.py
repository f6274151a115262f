"""Which reasons a kind of change can answer: with any other beside them it is not worth a try."""

from scheduler.refusals import RefusalCode as Code

_SHORT_OF_DEVICES = frozenset(
    {
        Code.NO_FREE_HOST,
        Code.ZONE_MISMATCH,
        Code.NO_FABRIC_PORT,
        Code.PRU_FANOUT,
        Code.DEVICE_BUSY,
        Code.UNIT_INDIVISIBLE,
        Code.BRIDGE_SPLIT,
        Code.P2P_PATH,
        Code.RACK_POWER,
        Code.RACK_COOLING,
        Code.NIC_AFFINITY,
        Code.GDS_AFFINITY,
        Code.MIG_LAYOUT,
        Code.RDMA_MISMATCH,
        Code.SEARCH_LIMIT,
    }
)
_TOO_MUCH_FOR_A_HOST = frozenset(
    {Code.HOST_SLOT_LIMIT, Code.MMIO_EXHAUSTED, Code.BUS_EXHAUSTED, Code.HOST_FANOUT, Code.DEVICE_UNAVAILABLE}
)

BY_TIME = _SHORT_OF_DEVICES | {Code.NEEDS_REBOOT, Code.QUOTA_DEVICES, Code.QUOTA_HOURS, Code.LEAD_TIME}
BY_EARLIER = (BY_TIME | {Code.HORIZON}) - {Code.LEAD_TIME, Code.NEEDS_REBOOT}
BY_LESS = _SHORT_OF_DEVICES | _TOO_MUCH_FOR_A_HOST | {Code.QUOTA_DEVICES, Code.QUOTA_HOURS}
BY_CLASS = _SHORT_OF_DEVICES | {
    Code.MMIO_EXHAUSTED,
    Code.DEVICE_UNAVAILABLE,
    Code.DRIVER_CONFLICT,
    Code.SLOT_POWER,
    Code.NOT_POOLABLE,
    Code.QUOTA_DEVICES,
    Code.QUOTA_HOURS,
}
BY_ZONE = (_SHORT_OF_DEVICES | _TOO_MUCH_FOR_A_HOST) - {Code.RDMA_MISMATCH, Code.DEVICE_UNAVAILABLE}
BY_MOVES = _SHORT_OF_DEVICES | {Code.NEEDS_REBOOT}
OF_POWER = frozenset({Code.RACK_POWER, Code.RACK_COOLING, Code.SLOT_POWER})
BY_CAP = _SHORT_OF_DEVICES | OF_POWER
