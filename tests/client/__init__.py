"""The Python client and the `heddle` command: rules by made-up portals, the main path on the real one."""
