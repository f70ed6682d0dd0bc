"""Host names and endpoints: pure validation (S10, S31, S32)."""

import ipaddress
import re

from nodes.errors import EndpointInvalid, HostnameError

_NAME_LABEL = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")


def parse_fqdn(text: str, *, field: str = "fqdn") -> str:
    """The name in lower case: RFC 1123, at least two labels, or raise ``HostnameError``."""
    name = text.strip(" ").removesuffix(".")
    reason = _fault_of(name)
    if reason:
        raise HostnameError(field=field, reason=reason)
    return name.lower()


def _fault_of(name: str) -> str:
    labels = name.split(".")
    if not name:
        return "A full host name is needed, such as node1.example.org."
    if len(name) > 253:
        return "A host name has at most 253 characters."
    if len(labels) < 2:
        return "A full host name has a domain, such as node1.example.org."
    if any(not _NAME_LABEL.fullmatch(label) for label in labels):
        return (
            "Each part of a host name has 1 to 63 letters, digits and hyphens, "
            "and no hyphen at its ends."
        )
    if labels[-1].isdigit():
        return "The last part of a host name is not a number."
    return ""


def parse_endpoint(text: str, *, field: str = "endpoint") -> str:
    """``host:port`` where others reach the VPN: a full name or an IPv4 address, port 1 to 65535."""
    host, colon, port = text.rpartition(":")
    if not colon:
        raise EndpointInvalid(field=field, reason="The port is missing.")
    if ":" in host:
        raise EndpointInvalid(field=field, reason="IPv6 is not supported for the VPN's endpoint.")
    return f"{_parse_host(host, field=field)}:{_parse_port(port, field=field)}"


def join_endpoint(address: str, port: int) -> str:
    """``address:port``, each checked by itself: fields ``vpn_address`` and ``vpn_port`` (S31 to
    S33).
    """
    host = _parse_host(address.strip(" "), field="vpn_address")
    return f"{host}:{_parse_port(str(port), field='vpn_port')}"


def _parse_host(host: str, *, field: str) -> str:
    if re.fullmatch(r"[0-9.]+", host, re.ASCII):
        return _parse_address(host, field=field)
    if host != host.strip():
        raise EndpointInvalid(field=field, reason="A host name has no spaces.")
    try:
        return parse_fqdn(host)
    except HostnameError as error:
        raise EndpointInvalid(field=field, reason=error.detail) from None


def _parse_address(host: str, *, field: str) -> str:
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        raise EndpointInvalid(field=field, reason="This is not an IPv4 address.") from None
    if address.is_unspecified or address.is_multicast or address.is_loopback or address.is_reserved:
        raise EndpointInvalid(field=field, reason="Other nodes cannot reach this address.")
    return str(address)


def _parse_port(port: str, *, field: str) -> int:
    if re.fullmatch(r"[0-9]{1,5}", port, re.ASCII) and 1 <= int(port) <= 65535:
        return int(port)
    raise EndpointInvalid(field=field, reason="A port is a number from 1 to 65535.")
