"""Ways in that leave no event of their own, and why."""

UNRECORDED = {
    "welcome/ post": "the page takes what its forms send, and they go elsewhere",
    "audit/verification/ post": "it reads; what it finds is recorded",
    "agent/v1/audit_export post": "the export itself is recorded, in the name of who promised it",
    "agent/v1/farewell post": "the removed node says that it knows, which nobody decided",
    "agent/v1/image post": "a node gets a piece of the archive that it was told to install",
    "agent/v1/lead post": "what it leads to is recorded with the term",
    "agent/v1/prepare post": "nothing has changed yet",
    "command api_cli": "its actions are ways of their own",
    "command search_logs": "it reads what this node keeps, as root may anyway",
    "api-cli list-users": "it reads",
    "api-cli get-user-info": "it reads",
    "api-cli list-nodes": "it reads",
    "api-cli list-applications": "it reads",
    "api-cli get-application-logs": "it reads",
    "api-cli get-cluster-status": "it reads",
}
