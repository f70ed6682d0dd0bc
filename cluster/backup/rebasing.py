"""The state of a backup, made that of a cluster of one: this machine, with a number of its own.

Nothing of the old machines is trusted. Their keys are in no state any more; they are kept beside
the removed nodes' only so that who calls is known, and refused. The term jumps, so that whatever
the old cluster has handed over or claimed since the backup lies behind it.
"""

from collections.abc import Mapping
from copy import deepcopy
from ipaddress import IPv4Network
from typing import Any

from cluster.backup.replica import PASSWORD_PAGE
from cluster.models import FollowUp
from cluster.networks import lowest_free_address
from cluster.replica import REMOVED_FIELDS

Json = Mapping[str, Any]
MEMBERS = ("active", "removing")


def rebase(document: Json, sealed: Json, *, machine: Json) -> tuple[dict[str, Any], dict[str, Any]]:
    """Document and sealed part of the restored cluster, from those of the backup.

    ``machine`` is this one: its keys, ``fqdn``, ``endpoint``, ``console_url``, ``tls_fingerprint``,
    ``version`` and ``distribution``, and ``at``, the present time.
    """
    number = int(sealed["cluster"]["next_node_id"])
    lost = [node for node in document["nodes"] if node["status"] in MEMBERS]
    known = {extra["id"]: extra for extra in sealed.get("nodes", ())}
    removed = [_remove(node, known.get(node["id"], {})) for node in lost]
    network = IPv4Network(document["cluster"]["vpn_network"])
    own = _describe(machine, number=number, address=lowest_free_address(network, taken=[]))
    follow_ups = [_follow_up(node, at=machine["at"]) for node in lost]
    follow_ups += _demand_password(sealed.get("backup", {}), at=machine["at"])
    return (
        {**deepcopy(dict(document)), "leader": number, "nodes": [own]},
        {
            **deepcopy(dict(sealed)),
            "cluster": {**sealed["cluster"], "next_node_id": number + 1},
            "nodes": [_history(machine, number=number)],
            "removed": [*sealed.get("removed", ()), *removed],
            "operations": [],
            "follow_ups": [*_still_true(sealed.get("follow_ups", ())), *follow_ups],
        },
    )


def _describe(machine: Json, *, number: int, address: str) -> dict[str, Any]:
    keys = ("identity_key", "sealing_key", "wireguard_key")
    where = ("fqdn", "endpoint", "console_url", "tls_fingerprint")
    return {
        "id": number,
        "label": "",
        "vpn_address": address,
        "eligible": True,
        "status": "active",
        **{name: machine[name] for name in (*keys, *where)},
    }


def _history(machine: Json, *, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "version": machine["version"],
        "distribution": machine["distribution"],
        "joined_at": machine["at"],
        "created_at": machine["at"],
    }


def _remove(node: Json, extra: Json) -> dict[str, Any]:
    return {**{name: node[name] for name in REMOVED_FIELDS}, **extra}


def _still_true(follow_ups: Any) -> list[Json]:
    """Nobody waits for a node that is no member any more; the password is demanded anew."""
    gone = (FollowUp.Kind.NODE_NOT_FOLLOWING, FollowUp.Kind.BACKUP_PASSWORD)
    return [each for each in follow_ups if each["kind"] not in gone or each["settled_at"]]


def _demand_password(backup: Json, *, at: str) -> list[dict[str, Any]]:
    """Where there was one: whoever only rehearses shall know what it begins."""
    if not (backup.get("settings") or {}).get("password_set_at"):
        return []
    return [
        {
            "kind": FollowUp.Kind.BACKUP_PASSWORD,
            "subject": "",
            "detail": "No backup holds its own password. Set it again; until then the scheduled "
            "backups fail. They go where those of the old cluster went, under other names, and "
            "leave the old ones alone. For a rehearsal, leave it unset.",
            "link": PASSWORD_PAGE,
            "node": None,
            "settled_by": "",
            "created_at": at,
            "settled_at": None,
        }
    ]


def _follow_up(node: Json, *, at: str) -> dict[str, Any]:
    name = f"node{node['id']}"
    return {
        "kind": FollowUp.Kind.LOST_NODE,
        "subject": name,
        "detail": f"{name} ({node['fqdn']}) belonged to the cluster when the backup was made. Its "
        "keys are not trusted any more. To use it again, install it anew and join it; if you do "
        "not need it, shut it down.",
        "link": "/nodes/add/",
        "node": node["id"],
        "settled_by": "",
        "created_at": at,
        "settled_at": None,
    }
