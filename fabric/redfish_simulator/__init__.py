"""The emulator's second face: a Redfish composition service over real HTTP, for the Redfish driver to be tried on.

One engine: what is bound, slow or broken is the emulator's file (`fabric.drivers.emulator`), so the same faults and the
same truth serve both faces. Of its own it has only what HTTP brings: sessions, tasks, ETags, pages, manners (how this
service differs from the next, `manners`) and knobs (what it does wrong, `knobs`). Plain ASGI, loopback only. Shapes:
DSP0266, DSP2050 and the schemas of ResourceBlock 1.4, ComputerSystem 1.24, Task 1.7. Knows no Django.
"""
