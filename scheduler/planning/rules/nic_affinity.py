"""R16: GPUDirect RDMA. A NIC of the node under the same switch as its accelerators, else in the same PRU.

With rails, at least so many NICs are near. The NICs that stay with a host are behind its own bridge, so they are not
near, but those built into a fixed system are.
"""

from scheduler.planning.rules.nearness import Feed
from scheduler.refusals import RefusalCode

RULE = Feed(
    code=RefusalCode.NIC_AFFINITY,
    key="nic_affinity",
    kind="nic",
    name="NIC",
    affinity=lambda placement: placement.nic_affinity,
    least=lambda wish: wish.rails or 1,
    built_in=lambda host: host.local_nics,
).rule()
