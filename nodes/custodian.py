"""Who signs for the audit trail, and who checks signatures: by the identity keys of the nodes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from audit.surroundings import SignedCheckpoint
from nodes import role
from nodes.agent import signing, witness
from nodes.agent.custody import MANIFEST
from nodes.agent.encoding import canonical_json
from nodes.agent.errors import CheckpointInvalid
from nodes.local_agent import AgentUnavailable, get_local_agent
from nodes.models import Node


class NodeCustodian:
    """The ``Custodian`` of this node's trail; what signs raises AgentUnavailable, AgentRefused."""

    @property
    def trail(self) -> int:
        return role.current().node_id or 0

    def sign_checkpoint(self, *, count: int, hash: str) -> SignedCheckpoint:
        jws = get_local_agent().sign_checkpoint(count=count, hash=hash)
        return _signed(witness.parse(jws))

    def sign_manifest(self, manifest: Mapping[str, Any]) -> str:
        return get_local_agent().sign_manifest(manifest)

    def own_checkpoints(self) -> list[SignedCheckpoint]:
        return self.read_checkpoints(self._remembered())

    def read_checkpoints(self, told: list[str]) -> list[SignedCheckpoint]:
        """Those that this node signed itself: nobody can accuse it of another trail."""
        key = _key_of(self.trail)
        found = []
        for jws in told if key else ():
            try:
                found.append(_signed(witness.read(jws, key=key)))
            except CheckpointInvalid:
                continue
        return [one for one in found if one.trail == self.trail]

    def signer_of(
        self, manifest: Mapping[str, Any], *, signature: str, key: str = ""
    ) -> int | None:
        """The node that signed just this; None for nobody whom the cluster, or ``key``, knows."""
        try:
            header, payload = signing.read_unverified(signature)
            node_id = int(header["kid"])
            signing.verify(signature, key=key or _key_of(node_id))
        except (signing.SignatureRejected, KeyError, TypeError, ValueError):
            return None
        is_this = payload == canonical_json(manifest) and header.get("typ") == MANIFEST
        return node_id if is_this else None

    def _remembered(self) -> list[str]:
        """By the agent; where it does not run, root reads its file. Raises AgentUnavailable."""
        try:
            return get_local_agent().checkpoints(trail=self.trail)
        except AgentUnavailable as error:
            return _read_file(unless=error)


def _read_file(*, unless: AgentUnavailable) -> list[str]:
    try:
        return witness.read_file(Path(settings.FLOTILLA.NODE_FILE).with_name(witness.FILE))
    except (OSError, ValueError, KeyError):
        raise unless from None


def _key_of(node_id: int) -> str:
    """Its identity key, also of a node that was removed."""
    return Node.objects.filter(pk=node_id).values_list("identity_key", flat=True).first() or ""


def _signed(checkpoint: witness.Checkpoint) -> SignedCheckpoint:
    return SignedCheckpoint(
        trail=checkpoint.node,
        term=checkpoint.term,
        count=checkpoint.count,
        hash=checkpoint.hash,
        time=checkpoint.at,
        jws=checkpoint.jws,
    )
