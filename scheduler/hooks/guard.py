"""Where webhooks may go: no door into the house from within. Pure.

An address is judged when it is resolved, once for each call, and the call goes to the very address that was judged:
a name that says something else a moment later changes nothing.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SCHEMES = {"https": 443, "http": 80}
PORTS_FROM = 1024  # below that only those of the schemes: no mail server, no login
NAME_CHARS_MAX = 253

FORBIDDEN: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's metadata"),  # public by its number, and inside every machine of that cloud
        ("169.254.0.0/16", "link-local"),  # with it the metadata of most clouds, 169.254.169.254
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documents"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documents"),
        ("203.0.113.0/24", "for documents"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),  # and broadcast
        ("::/128", "this host"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4 in IPv6"),
        ("::/96", "IPv4 in IPv6"),
        ("64:ff9b::/96", "IPv4 in IPv6"),  # NAT64
        ("64:ff9b:1::/48", "IPv4 in IPv6"),
        ("100::/64", "discarded"),
        ("2001::/23", "reserved"),  # Teredo, ORCHID and the like
        ("2001:db8::/32", "for documents"),
        ("2002::/16", "IPv4 in IPv6"),  # 6to4
        ("3fff::/20", "for documents"),
        ("5f00::/16", "reserved"),
        ("fc00::/7", "private"),  # with it fd00:ec2::254, metadata
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    )
)
GLOBAL_V6 = ip_network("2000::/3")
"""All of IPv6 that is given out; the rest is nobody's."""


def why_not(*, address: Address, allowed: Sequence[Network]) -> str:
    """What kind of address it is that no call may go to; "" where one may. `allowed` is what the operator lets pass.

    An IPv4 address inside an IPv6 one must be allowed itself, too: a way around is no way in.
    """
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "link-local"
    what = _kind(address)
    if what and not _within(address, allowed):
        return what
    inner = _embedded(address)
    return why_not(address=inner, allowed=allowed) if inner is not None else ""


def literal(host: str) -> Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def problem_of(url: str, *, allowed: Sequence[Network]) -> str:
    """What is wrong with a URL as it is written, in words with the remedy; "" where nothing is."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "Give an address of visible ASCII characters: other letters are written as %C3%A4, in names as xn--…."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _NOT_ONE
    if parts.scheme not in SCHEMES or not parts.hostname or "\\" in url:
        return _NOT_ONE
    return _problem_of_parts(parts, port, allowed)


def port_of(parts: SplitResult) -> int:
    return parts.port or SCHEMES[parts.scheme]


def host_of(url: str) -> str:
    """All of an address that others are told: its path may be as good as a password."""
    return urlsplit(url).netloc


_NOT_ONE = "Give an address such as https://example.org/hooks."


def _problem_of_parts(parts: SplitResult, port: int | None, allowed: Sequence[Network]) -> str:
    if "@" in parts.netloc:
        return "Leave user and password out of the address; what is sent is signed."
    if parts.fragment:
        return "Leave out what follows #; it is never sent."
    if port is not None and port not in SCHEMES.values() and port < PORTS_FROM:
        return f"Use port 443, 80, or one from {PORTS_FROM} on."
    if len(parts.hostname or "") > NAME_CHARS_MAX:
        return _NOT_ONE
    address = literal(parts.hostname or "")
    what = why_not(address=address, allowed=allowed) if address is not None else ""
    return f"{address} is {what}: only an operator can allow such networks." if what else ""


def _kind(address: Address) -> str:
    found = [(network.prefixlen, what) for network, what in FORBIDDEN if _in(address, network)]
    if found:
        return max(found)[1]
    return "reserved" if address.version == 6 and address not in GLOBAL_V6 else ""


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(_in(address, network) for network in networks)


def _in(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address in a mapped, compatible, NAT64 or 6to4 one."""
    if not isinstance(address, IPv6Address):
        return None
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in ip_network(prefix) for prefix in ("::ffff:0:0/96", "::/96", "64:ff9b::/96")):
        return IPv4Address(int(address) & 0xFFFFFFFF) if int(address) > 1 else None
    return None
