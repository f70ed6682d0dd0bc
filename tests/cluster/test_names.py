"""Host names, endpoints, labels (S10, S31, S32; RFC 1123 section 2.1)."""

import pytest

from cluster.errors import LabelInvalid
from cluster.names import parse_label
from nodes.errors import EndpointInvalid, HostnameError
from nodes.names import parse_endpoint, parse_fqdn


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("node1.example.org", "node1.example.org"),
        ("Node1.Example.ORG", "node1.example.org"),
        ("node1.example.org.", "node1.example.org"),
        (" node1.example.org ", "node1.example.org"),
        ("a.b", "a.b"),
        ("3com.example", "3com.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
    ],
)
def test_full_host_name_is_taken_in_lower_case(text: str, name: str) -> None:
    assert parse_fqdn(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "node1",
        "localhost",
        "node_1.example.org",
        "-node1.example.org",
        "node1-.example.org",
        "node1..example.org",
        ".example.org",
        "node1.example.org..",
        "node 1.example.org",
        "node1.example.org\n",
        "node1.example.org\nevil.example",
        "nöde.example.org",
        "node1.example.org;id",
        "$(id).example.org",
        "a" * 64 + ".example",
        "a." * 130 + "example",
        "192.0.2.1",
        "2001:db8::1",
        "node1.example.123",
        "*.example.org",
        "\u212anode.example.org",  # the Kelvin sign, whose lower case is k
    ],
)
def test_bad_host_name_is_a_field_error(text: str) -> None:
    with pytest.raises(HostnameError) as caught:
        parse_fqdn(text)

    assert (caught.value.code, caught.value.field) == ("cluster_hostname_error", "fqdn")


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("node1.example.org:55820", "node1.example.org:55820"),
        ("NODE1.example.org:1", "node1.example.org:1"),
        ("192.0.2.1:65535", "192.0.2.1:65535"),
    ],
)
def test_endpoint_is_a_name_or_address_and_a_port(text: str, endpoint: str) -> None:
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "node1.example.org",
        "node1.example.org:",
        "node1.example.org:0",
        "node1.example.org:70000",
        "node1.example.org:65536",
        "node1.example.org:-1",
        "node1.example.org:+1",
        "node1.example.org:5 5",
        "node1.example.org:55820\n",
        "node1.example.org\n:55820",
        " node1.example.org:55820",
        "node1.example.org:٥٥٨٢٠",
        "node1:55820",
        "node1.example.org;reboot:55820",
        "`id`.example.org:55820",
        "$(id).example.org:55820",
        "node1.example.org|x:55820",
        "[2001:db8::1]:55820",
        "2001:db8::1:55820",
        "192.0.2.256:55820",
        "192.0.2:55820",
        "0.0.0.0:55820",
        "127.0.0.1:55820",
        "224.0.0.1:55820",
        "255.255.255.255:55820",
        "010.0.0.1:55820",
    ],
)
def test_bad_endpoint_is_a_field_error(text: str) -> None:
    with pytest.raises(EndpointInvalid) as caught:
        parse_endpoint(text)

    assert (caught.value.code, caught.value.field) == ("endpoint_invalid", "endpoint")


def test_label_is_trimmed() -> None:
    assert parse_label("  Main fleet ✓ ") == "Main fleet ✓"


@pytest.mark.parametrize("text", ["", "   ", "a" * 65, "two\nlines", "bell\x07", "\u202eflip"])
def test_label_that_cannot_be_printed_or_is_too_long_is_a_field_error(text: str) -> None:
    with pytest.raises(LabelInvalid):
        parse_label(text)
