"""What Prometheus reads at `/metrics`: of this process what it has answered, of the site what its database says now.

Names begin with `heddle_`; labels are routes, methods, statuses, states, pools, fabrics and device classes: bounded by
what the site has, and nothing that a caller could invent.
"""
