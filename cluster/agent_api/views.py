"""``/agent/v1/``: leadership (any node); enrol, sync and farewell (the leader)."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from accounts.actors import client_address
from audit.actor import Actor, ActorKind, Interface
from cluster.agent_api.edge import agent_view, read_bearer, read_json
from cluster.agent_api.messages import parse_enrolment, parse_sync
from cluster.models import Operation
from cluster.services import enrolment, farewell, leadership
from cluster.services.enrolment import Enrolment
from cluster.services.proof import authenticate, identify
from cluster.services.sync import SyncReply, sync
from nodes import role
from nodes.models import Command, Node


@agent_view("GET")
def leadership_view(request: HttpRequest) -> JsonResponse:
    """Whom this node belongs to and follows; a leader's claim is signed."""
    return JsonResponse(leadership.describe())


@agent_view("POST")
def enrol_view(request: HttpRequest) -> JsonResponse:
    """A join code's secret for a place in the cluster: 201, or 200 when it was given before."""
    wanted = parse_enrolment(read_json(request))
    actor = Actor(
        name=wanted.fqdn[:150],
        kind=ActorKind.NODE,
        interface=Interface.AGENT,
        source=client_address(request),
    )
    enrolled = enrolment.enrol(wanted, actor=actor)
    jws = enrolment.sign_enrolment()
    return JsonResponse(_describe(enrolled, jws=jws), status=201 if enrolled.is_new else 200)


def _describe(enrolled: Enrolment, *, jws: str) -> dict[str, Any]:
    operation: Operation = enrolled.operation
    return {
        "node_id": enrolled.node.pk,
        "cluster": role.current().cluster,
        "jws": jws,
        "leader": _describe_leader(enrolled.leader),
        "operation": str(operation.pk),
        "deadline": operation.deadline.isoformat(),
        "warnings": [warning.as_json() for warning in enrolled.warnings],
    }


def _describe_leader(leader: Node) -> dict[str, Any]:
    return {
        "id": leader.pk,
        "fqdn": leader.fqdn,
        "identity_key": leader.identity_key,
        "tls_fingerprint": leader.tls_fingerprint,
        "console_url": leader.console_url,
    }


@agent_view("POST")
def sync_view(request: HttpRequest) -> JsonResponse:
    """What a node holds and how it is, for what is new for it."""
    caller, claims = authenticate(read_bearer(request), cluster=role.current().cluster or "")
    message = parse_sync(read_json(request))
    reply = sync(caller, message, claims=claims, source=client_address(request))
    return JsonResponse(_describe_reply(reply))


@agent_view("POST")
def farewell_view(request: HttpRequest) -> JsonResponse:
    """A removed node confirms that it knows."""
    caller, claims = identify(read_bearer(request), cluster=role.current().cluster or "")
    farewell.note_confirmation(caller, claims=claims)
    return JsonResponse({})


def _describe_reply(reply: SyncReply) -> dict[str, Any]:
    silent = {} if reply.silent is None else {"silent": list(reply.silent)}
    return silent | {
        "state": reply.news.state,
        "commands": [_describe_command(command) for command in reply.news.commands],
        "wait": reply.news.wait,
        "facts_wanted": reply.facts_wanted,
        "inventory_wanted": reply.inventory_wanted,
        "deeds_noted": list(reply.deeds_noted),
        "time": timezone.now().isoformat(),
    }


def _describe_command(command: Command) -> dict[str, Any]:
    return {"id": command.pk, "verb": command.verb, "arguments": command.arguments}
