"""What agents send, checked member by member: the first that is wrong is named."""

import uuid
from collections.abc import Callable, Mapping
from functools import partial
from ipaddress import IPv4Network
from typing import Any

from cluster.agent_api.edge import Json, RequestMalformed
from cluster.agent_api.inventories import read_inventory
from cluster.services.deeds import Deed
from cluster.services.enrolment import EnrolmentRequest
from cluster.services.sync import SyncMessage
from nodes.agent import checks
from nodes.names import parse_endpoint, parse_fqdn

Check = Callable[[Mapping[str, Any], str], Any]
MOST_RESULTS = 100
MOST_DEEDS = 100
MOST_NETWORKS = 100


def parse_enrolment(body: Json) -> EnrolmentRequest:
    """Raises ``RequestMalformed``, ``HostnameError``, ``EndpointInvalid``."""
    code = read_members(body, {"code": checks.mapping})["code"]
    secret = read_members(code, {"id": _uuid, "secret": partial(checks.text, longest=64)})
    values = read_members(body, ENROLMENT)
    values["fqdn"] = parse_fqdn(values["fqdn"])
    values["endpoint"] = parse_endpoint(values["endpoint"])
    return EnrolmentRequest(code_id=secret["id"], secret=secret["secret"], **values)


def parse_sync(body: Json) -> SyncMessage:
    """Raises ``RequestMalformed``."""
    return SyncMessage(**read_members(body, SYNC))


def read_members(source: Json, wanted: Mapping[str, Check]) -> Json:
    values = {}
    for name, check in wanted.items():
        try:
            values[name] = check(source, name)
        except ValueError as error:
            raise RequestMalformed(field=name, problem=error) from error
    return values


def _uuid(source: Mapping[str, Any], name: str) -> str:
    return str(uuid.UUID(checks.text(source, name, longest=36)))


def _networks(source: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Optional: an older agent of this minor version may not send it."""
    values = source.get(name, [])
    if not isinstance(values, list) or len(values) > MOST_NETWORKS:
        raise ValueError(f"{name} is not a list of networks")
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} is not a list of networks")
    return tuple(str(IPv4Network(value, strict=False)) for value in values)


def _mapping_or_none(source: Mapping[str, Any], name: str) -> Json | None:
    return None if source.get(name) is None else checks.mapping(source, name)


def _digest(source: Mapping[str, Any], name: str) -> str:
    """Optional: an older agent of this minor version looks at no applications."""
    return checks.text({name: source.get(name, "")}, name, longest=64)


def _results(source: Mapping[str, Any], name: str) -> tuple[Json, ...]:
    values = checks.member(source, name)
    if not isinstance(values, list) or len(values) > MOST_RESULTS:
        raise ValueError(f"{name} is not a list of at most {MOST_RESULTS}")
    return tuple(_result(value) for value in values)


def _result(value: Any) -> Json:
    if not isinstance(value, dict):
        raise ValueError("a result is not an object")
    return {
        "id": checks.number(value, "id"),
        "ok": checks.boolean(value, "ok"),
        "data": value.get("data"),
    }


def _deeds(source: Mapping[str, Any], name: str) -> tuple[Deed, ...]:
    """Optional: most nodes have none, for all their life."""
    values = source.get(name) or []
    if not isinstance(values, list) or len(values) > MOST_DEEDS:
        raise ValueError(f"{name} is not a list of at most {MOST_DEEDS}")
    return tuple(_deed(value) for value in values)


def _deed(value: Any) -> Deed:
    if not isinstance(value, dict):
        raise ValueError("a deed is not an object")
    return Deed(
        id=checks.text(value, "id", longest=64),
        at=checks.text(value, "at", longest=40),
        by=checks.text(value, "by", longest=150),
        verb=checks.text(value, "verb", longest=32),
        node_id=checks.number(value, "node_id"),
        late_changes=checks.number({"late_changes": 0} | value, "late_changes", least=0),
    )


ENROLMENT: Mapping[str, Check] = {
    "token": partial(checks.text, longest=4096),
    "fqdn": partial(checks.text, longest=300),
    "identity_key": checks.raw_key,
    "wireguard_key": checks.wireguard_key,
    "sealing_key": partial(checks.matching, pattern=checks.AGE_RECIPIENT),
    "endpoint": partial(checks.text, longest=300),
    "console_url": checks.https_url,
    "tls_fingerprint": partial(checks.matching, pattern=checks.FINGERPRINT),
    "version": partial(checks.text, longest=32),
    "distribution": partial(checks.text, longest=100),
    "networks": _networks,
    "tls_verified": checks.boolean,
}
SYNC: Mapping[str, Check] = {
    "term": partial(checks.number, least=0),
    "generation": partial(checks.number, least=0),
    "applied_generation": partial(checks.number, least=0),
    "facts": _mapping_or_none,
    "facts_digest": partial(checks.text, longest=64),
    "health": checks.mapping,
    "results": _results,
    "inventory": read_inventory,
    "inventory_digest": _digest,
    "deeds": _deeds,
}
