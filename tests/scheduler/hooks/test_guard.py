"""Where webhooks may go, address by address, worked out from the registries of IANA and not from the code."""

from ipaddress import ip_address, ip_network

import pytest

from scheduler.hooks.guard import host_of, literal, problem_of, why_not

FORBIDDEN = {
    "0.0.0.0": "this host",
    "0.1.2.3": "this host",
    "10.0.0.1": "private",
    "100.64.0.1": "shared",
    "100.100.100.200": "shared",  # one cloud's metadata
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "a cloud's metadata",
    "169.254.0.1": "link-local",
    "169.254.169.254": "link-local",  # most clouds' metadata
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.192": "reserved",  # another cloud's
    "192.0.2.1": "for documents",
    "192.88.99.1": "reserved",
    "192.168.1.1": "private",
    "198.18.0.1": "for benchmarks",
    "198.19.255.255": "for benchmarks",
    "198.51.100.1": "for documents",
    "203.0.113.1": "for documents",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "this host",
    "::1": "loopback",
    "::7f00:1": "IPv4 in IPv6",
    "::ffff:127.0.0.1": "IPv4 in IPv6",
    "::ffff:8.8.8.8": "IPv4 in IPv6",
    "64:ff9b::a00:1": "IPv4 in IPv6",
    "64:ff9b:1::1": "IPv4 in IPv6",
    "100::1": "discarded",
    "2001::1": "reserved",
    "2001:db8::1": "for documents",
    "2002:7f00:1::": "IPv4 in IPv6",
    "3fff::1": "for documents",
    "5f00::1": "reserved",
    "fc00::1": "private",
    "fd00:ec2::254": "private",  # a cloud's metadata
    "fe80::1": "link-local",
    "fe80::1%1": "link-local",
    "fec0::1": "private",
    "ff02::1": "multicast",
    "4000::1": "reserved",  # given to nobody
}
PUBLIC = (
    "8.8.8.8",
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::1",
)


@pytest.mark.parametrize(("address", "what"), FORBIDDEN.items())
def test_what_is_not_public_is_refused_by_its_kind(address: str, what: str) -> None:
    assert why_not(address=ip_address(address), allowed=()) == what


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert why_not(address=ip_address(address), allowed=()) == ""


@pytest.mark.parametrize(
    ("address", "network", "what"),
    [
        ("10.1.2.3", "10.1.0.0/16", ""),
        ("10.2.2.3", "10.1.0.0/16", "private"),
        ("127.0.0.1", "127.0.0.0/8", ""),
        ("fd12::1", "fd12::/16", ""),
        ("::ffff:127.0.0.1", "127.0.0.0/8", "IPv4 in IPv6"),
        ("::ffff:127.0.0.1", "::ffff:0:0/96", "loopback"),
        ("64:ff9b::808:808", "64:ff9b::/96", ""),
        ("64:ff9b::a9fe:a9fe", "64:ff9b::/96", "link-local"),
        ("2002:a00:1::", "2002::/16", "private"),
    ],
)
def test_an_operator_allows_networks_and_no_way_around_through_them(address: str, network: str, what: str) -> None:
    assert why_not(address=ip_address(address), allowed=(ip_network(network),)) == what


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://example.org/hooks?a=1",
        "http://example.org:8080/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/",
    ],
)
def test_addresses_that_can_be_called(url: str) -> None:
    assert problem_of(url, allowed=()) == ""


AN_ADDRESS = "Give an address such as https://example.org/hooks."
ASCII = "Give an address of visible ASCII characters: other letters are written as %C3%A4, in names as xn--…."
PORT = "Use port 443, 80, or one from 1024 on."


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("example.org/hooks", AN_ADDRESS),
        ("ftp://example.org/", AN_ADDRESS),
        ("file:///etc/passwd", AN_ADDRESS),
        ("gopher://example.org/", AN_ADDRESS),
        ("https://", AN_ADDRESS),
        ("https:///path", AN_ADDRESS),
        ("https://example.org:99999/", AN_ADDRESS),
        ("https://example.org:x/", AN_ADDRESS),
        ("https://[::1", AN_ADDRESS),
        ("https://example.org\\@evil.example/", AN_ADDRESS),
        (f"https://{'a' * 254}/", AN_ADDRESS),
        ("https://exämple.org/", ASCII),
        ("https://example.org/\r\nX-Evil: 1", ASCII),
        ("https://example.org/a b", ASCII),
        ("https://user:word@example.org/", "Leave user and password out of the address; what is sent is signed."),
        ("https://example.org/#part", "Leave out what follows #; it is never sent."),
        ("https://example.org:22/", PORT),
        ("http://example.org:25/", PORT),
        ("http://127.0.0.1/", "127.0.0.1 is loopback: only an operator can allow such networks."),
        ("http://[::1]:8000/", "::1 is loopback: only an operator can allow such networks."),
        ("http://169.254.169.254/latest", "169.254.169.254 is link-local: only an operator can allow such networks."),
    ],
)
def test_what_is_wrong_with_an_address_is_said(url: str, problem: str) -> None:
    assert problem_of(url, allowed=()) == problem


def test_names_are_judged_when_they_are_resolved() -> None:
    assert literal("localhost") is None
    assert problem_of("http://localhost:8000/", allowed=()) == ""


def test_others_are_told_the_host_only() -> None:
    assert host_of("https://hooks.example.org:8443/T00/B00/secret?x=1") == "hooks.example.org:8443"
