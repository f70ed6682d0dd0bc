"""Ways in that leave no event of their own, and why; and what the tests of a part do themselves."""

from audit.actions import AuditAction

UNRECORDED = {
    "welcome/ post": "the page takes what its forms send, and they go elsewhere",
    "agent/v1/audit_export post": "the export itself is recorded, in the name of who promised it",
    "agent/v1/farewell post": "the removed node says that it knows, which nobody decided",
    "agent/v1/lead post": "what it leads to is recorded with the term",
    "agent/v1/prepare post": "nothing has changed yet",
    "command api_cli": "its actions are ways of their own",
    "command verify_audit": "it reads; what it finds is recorded as by the task",
    "api-cli list-users": "it reads",
    "api-cli get-user-info": "it reads",
    "api-cli list-nodes": "it reads",
    "api-cli get-cluster-status": "it reads",
}

TESTS_OF = {
    "node.wiped": "cluster/test_oblivion.py",
    "account.passkey.renamed": "accounts/passkeys/*.py",
    "account.passkey.removed": "accounts/passkeys/*.py",
    "account.passkey.refused": "accounts/passkeys/*.py",
    "account.totp.removed": "accounts/passkeys/*.py",
    "backup.": "cluster/test_*backup*.py",
    "cluster.restore": "cluster/test_*backup*.py",
    "application.": "cluster/**/test_*application*.py",
    "domain.": "cluster/**/test_*domain*.py",
    "audit.archiv": "audit/test_*.py",
    "audit.import": "audit/test_*.py",
}
"""The tests that do for real what begins so, and ask for its event."""

ELSEWHERE = {
    action: tests
    for beginning, tests in TESTS_OF.items()
    for action in AuditAction
    if action.startswith(beginning)
}

GONE_ELSEWHERE = (
    "account/passkeys/",
    "api/v1/account/passkeys/",
    "settings/backup/",
    "api/v1/cluster/backup/",
    "restore/",
    "api/v1/cluster/restore/",
    "command backup_cluster",
    "command restore_cluster",
    "api-cli backup",
    "applications/",
    "settings/applications/",
    "api/v1/^applications/",
    "api/v1/application-policy/",
    "domains/",
    "api/v1/domains/",
    "settings/audit/retention/archive/",
    "settings/audit/archives/",
    "api/v1/audit/archives/",
    "command import_audit",
)
"""How the ways begin that those tests go."""
