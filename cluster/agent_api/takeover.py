"""What the leader asks of the node that is to lead after it."""

from functools import partial

from django.http import HttpRequest, JsonResponse

from cluster import old_trail
from cluster.agent_api.edge import agent_view, read_bearer, read_json
from cluster.agent_api.messages import Check, read_members
from cluster.services import takeover
from cluster.services.leader_proof import authenticate_leader
from nodes.agent import checks

PREPARE: dict[str, Check] = {
    "term": partial(checks.number, least=1),
    "generation": partial(checks.number, least=1),
    "operation": partial(checks.text, longest=36),
}
AUDIT_EXPORT: dict[str, Check] = {
    "operation": checks.cluster_uuid,
    "offset": partial(checks.number, least=0),
}
LEAD: dict[str, Check] = {
    "handover": checks.mapping,
    "generation": partial(checks.number, least=1),
}


@agent_view("POST")
def prepare_view(request: HttpRequest) -> JsonResponse:
    """Import the leader's last state; this node is still a worker afterwards."""
    authenticate_leader(read_bearer(request))
    wanted = read_members(read_json(request), PREPARE)
    takeover.prepare(term=wanted["term"], generation=wanted["generation"])
    return JsonResponse({})


@agent_view("POST")
def lead_view(request: HttpRequest) -> JsonResponse:
    """Lead the next term; the answer is its first state, and the same each time."""
    authenticate_leader(read_bearer(request))
    wanted = read_members(read_json(request), LEAD)
    jws = takeover.lead(handover=wanted["handover"], generation=wanted["generation"])
    return JsonResponse({"jws": jws})


@agent_view("POST")
def audit_export_view(request: HttpRequest) -> JsonResponse:
    """A piece of the trail from before the promotion, for the leader that it was promised to."""
    authenticate_leader(read_bearer(request))
    wanted = read_members(read_json(request), AUDIT_EXPORT)
    return JsonResponse(old_trail.give(wanted["operation"], offset=wanted["offset"]))
