"""What another mix comes to, in words and as facts of the journal."""

from collections import Counter
from typing import Any

from scheduler.planning.plan import Plan


def nodes_in_words(plan: Plan) -> str:
    """`3 nodes (1 prefill, 2 decode)`."""
    count = len(plan.nodes)
    roles = Counter(node.role for node in plan.nodes if node.role)
    named = f" ({', '.join(f'{nodes} {role}' for role, nodes in roles.items())})" if roles else ""
    return f"{count} node{'s'[: count != 1]}{named}"


def told_of(before: Plan, after: Plan) -> dict[str, Any]:
    """Devices that came and went, and roles by number of the node, counted from one."""
    old, new = _blocks(before), _blocks(after)
    return {
        "added": sorted(new - old),
        "removed": sorted(old - new),
        "nodes": {str(node.index + 1): node.role for node in after.nodes},
    }


def _blocks(plan: Plan) -> set[str]:
    return {code for node in plan.nodes for code in node.blocks}
