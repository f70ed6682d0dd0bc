"""Image archives for the nodes that shall install them."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from cluster.agent_api.edge import agent_view, read_bearer, read_json
from cluster.agent_api.messages import Check, read_members
from cluster.services.image_uploads import read_piece_for
from cluster.services.proof import authenticate
from nodes import role
from nodes.agent import checks

PIECE: dict[str, Check] = {
    "sha256": partial(checks.matching, pattern=checks.FINGERPRINT),
    "number": partial(checks.number, least=0),
}


@agent_view("POST")
def image_view(request: HttpRequest) -> HttpResponse:
    """A piece of one."""
    caller, _ = authenticate(read_bearer(request), cluster=role.current().cluster or "")
    wanted = read_members(read_json(request), PIECE)
    piece = read_piece_for(caller.id, sha256=wanted["sha256"], number=wanted["number"])
    return HttpResponse(piece, content_type="application/octet-stream")
