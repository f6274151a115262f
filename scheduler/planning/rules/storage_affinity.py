"""R17: GPUDirect Storage. A drive of the node under the same switch as its accelerators, else in the same PRU.

Two conditions of it are not judged here. The host's IOMMU must be off or pass through, of which the inventory says
nothing. And ACS redirection must be off on the switch, else traffic goes up to the host all the same; it must stay on
where another project has devices on that switch. Nothing here keeps the others off it: that is NOT built.
"""

from scheduler.planning.rules.nearness import Feed
from scheduler.refusals import RefusalCode

RULE = Feed(
    code=RefusalCode.GDS_AFFINITY,
    key="storage_affinity",
    kind="nvme",
    name="drive",
    affinity=lambda placement: placement.storage_affinity,
    least=lambda wish: 1,
    built_in=lambda host: 0,
).rule()
