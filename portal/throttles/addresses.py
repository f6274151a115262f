"""Where a call comes from, as far as one can count by it. Who is behind a trusted proxy was told by it already."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.http import HttpRequest

IPV6_SITE_BITS = 64  # what one subscriber has, with all addresses in it


def address_of(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """None for a caller on a Unix socket."""
    try:
        found = ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def counted_as(request: HttpRequest) -> str:
    """An IPv4 address, or a whole network of IPv6: else everybody would have as many as they like."""
    found = address_of(request)
    if isinstance(found, IPv6Address):
        return str(ip_network(f"{found}/{IPV6_SITE_BITS}", strict=False))
    return str(found or "local")
