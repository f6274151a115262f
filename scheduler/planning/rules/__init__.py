"""One file a rule: its code, its numbers, its unit, its words. A later rule is a file and a line in `registry`. Pure.

A *request rule* reads the request and the timeline alone. A *placement rule* measures a placement, and may say
which hosts could bear a node; the search keeps every placement rule, and the diagnosis asks which of them truly
stand in the way.
"""
