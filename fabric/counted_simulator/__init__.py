"""The emulator's third face: a control plane that is told counts, and not which devices.

One engine: what is bound, slow or broken is the emulator's file. Of its own this face has what such control planes do
in their own way: a machine is a host, and is told the absolute number of devices of a spec (a model in a box) that it
shall have; the fabric picks the devices; a change is asynchronous and has no task, so that one polls the machine; one
job runs at a time for the whole fabric; tokens expire; nothing carries a name of ours. Words: spec, machine, device,
job, change (the number the fabric gives to each). Plain ASGI, loopback only. Knows no Django.
"""
