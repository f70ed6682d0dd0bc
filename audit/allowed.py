"""Which details each action has: whatever is not named here stays out of the trail, so that no
secret enters it by having another name than one would guess.

A name stands for all that is below it; what ``before`` and ``after`` hold is named like the rest.
"""

from collections.abc import Mapping

from audit.actions import AuditAction as A
from audit.redaction import REDACTED

PAIR = ("before", "after")
ENDED = "code detail"
"""How an operation ended."""
PERSON = "full_name email role is_active allowed_networks"
APPLICATION = "image template action wipe wanted"
BACKUP = "file size sha256 deliveries"
RESTORE = "uuid label term generation made_at made_on endpoint"
RECEIVER = "host port tls certificate_fingerprints"
NAMES: Mapping[A, str] = {
    A.CLUSTER_CREATION_REQUESTED: "uuid label vpn_network endpoint max_nodes recovery_key",
    A.CLUSTER_CREATED: ENDED,
    A.CLUSTER_CREATION_FAILED: ENDED,
    A.CLUSTER_SETTINGS_CHANGED: "label max_nodes",
    A.CLUSTER_JOIN_REQUESTED: "fqdn urls join_code",
    A.CLUSTER_JOINED: f"{ENDED} fqdn node_id tls_verify warnings",
    A.CLUSTER_JOIN_FAILED: f"{ENDED} fqdn node_id tls_verify warnings",
    A.TLS_VALIDATION_DISABLED: "fqdn urls join_code join_code_by vpn_address warnings",
    A.JOIN_CODE_CREATED: "expires_at",
    A.JOIN_CODE_REVOKED: "",
    A.JOIN_CODE_REFUSED: f"{ENDED} fqdn",
    A.NODE_JOIN_STARTED: "join_code join_code_by vpn_address warnings",
    A.NODE_JOINED: f"{ENDED} warnings",
    A.NODE_JOIN_FAILED: f"{ENDED} warnings",
    A.NODE_CHANGED: "label endpoint eligible",
    A.NODE_STATE_REFUSED: ENDED,
    A.NODE_COMMAND_SENT: "verb command",
    A.NODE_REMOVAL_REQUESTED: "node_id fqdn vpn_address reachable digest force "
    "applications providers",
    A.NODE_REMOVED: f"{ENDED} applications providers",
    A.NODE_REMOVAL_FAILED: f"{ENDED} applications providers",
    A.NODE_PROMOTION_REQUESTED: "node_id endpoint check_connectivity from audit_export",
    A.NODE_PROMOTED: f"{ENDED} endpoint check_connectivity from term",
    A.NODE_PROMOTION_FAILED: f"{ENDED} endpoint check_connectivity from term",
    A.NODE_FQDN_CHANGED: "fqdn console_url endpoint",
    A.LEADERSHIP_TAKEN: "term built_on reason",
    A.LEADERSHIP_LOST: "term own_term",
    A.LEADERSHIP_CONTESTED: "own_term claims",
    A.LEADERSHIP_REASSERTED: "term against",
    A.LEADER_APPROVED: "on at by",
    A.LEADERSHIP_FOLLOWED: "leader late_changes kept",
    A.NODE_CLEANED: "cluster",
    A.NODE_WIPED: "cluster role copies",
    A.BACKUP_PASSWORD_SET: "",
    A.BACKUP_SETTINGS_CHANGED: "daily_at keep_last keep_days with_audit",
    A.BACKUP_DESTINATION_ADDED: "kind place",
    A.BACKUP_DESTINATION_REMOVED: "kind place",
    A.BACKUP_REQUESTED: "scheduled",
    A.BACKUP_MADE: f"{ENDED} {BACKUP}",
    A.BACKUP_FAILED: f"{ENDED} {BACKUP}",
    A.BACKUP_DOWNLOADED: "file size",
    A.LOG_SETTINGS_CHANGED: "keep_days keep_gib",
    A.LOGS_DOWNLOADED: "filter",
    A.LOG_FORWARDING_CHANGED: RECEIVER,
    A.LOG_FORWARDING_STOPPED: RECEIVER,
    A.LOG_FORWARDING_TESTED: f"{RECEIVER} code",
    A.CLUSTER_RESTORE_REQUESTED: RESTORE,
    A.CLUSTER_RESTORE_REFUSED: ENDED,
    A.CLUSTER_RESTORED: f"{ENDED} {RESTORE}",
    A.CLUSTER_RESTORE_FAILED: f"{ENDED} {RESTORE}",
    A.APPLICATION_INSTALL_REQUESTED: APPLICATION,
    A.APPLICATION_INSTALLED: f"{ENDED} {APPLICATION}",
    A.APPLICATION_INSTALL_FAILED: f"{ENDED} {APPLICATION}",
    A.APPLICATION_CHANGE_REQUESTED: APPLICATION,
    A.APPLICATION_CHANGED: f"{ENDED} {APPLICATION}",
    A.APPLICATION_CHANGE_FAILED: f"{ENDED} {APPLICATION}",
    A.APPLICATION_REMOVAL_REQUESTED: APPLICATION,
    A.APPLICATION_REMOVED: f"{ENDED} {APPLICATION}",
    A.APPLICATION_REMOVAL_FAILED: f"{ENDED} {APPLICATION}",
    A.APPLICATION_POLICY_CHANGED: "host_paths host_network privileged",
    A.IMAGE_UPLOADED: "size image",
    A.DOMAIN_CREATED: "kind port urls base_dn bind_dn verify_tls start_tls"
    " certificate_fingerprints",
    A.DOMAIN_REMOVED: "kind",
    A.DOMAIN_PASSWORD_CHANGED: "bind_dn",
    A.DOMAIN_PASSWORD_SHOWN: "",
    A.FOLLOW_UP_SETTLED: "detail",
    A.OPERATION_CANCELLED: "",
    A.OPERATION_RETRIED: "again_as",
    A.LOGIN_SUCCEEDED: "second_factor",
    A.LOGIN_FAILED: "reason attempts",
    A.ACCESS_DENIED: "code method path attempts reason",
    A.LOGGED_OUT: "",
    A.PASSWORD_CHANGED: "",
    A.PASSWORD_REFUSED: "",
    A.PASSWORD_RESET: "two_factor_disabled",
    A.TOTP_ENABLED: "",
    A.TOTP_DISABLED: "",
    A.TOTP_STARTED: "",
    A.TOTP_REFUSED: "",
    A.TOTP_REMOVED: "",
    A.PASSKEY_ADDED: "bound_to",
    A.PASSKEY_RENAMED: "name",
    A.PASSKEY_REMOVED: "two_factor",
    A.PASSKEY_REFUSED: "reason passkey",
    A.RECOVERY_CODES_RENEWED: "",
    A.RECOVERY_CODE_USED: "left",
    A.SESSION_ENDED: "sessions",
    A.ADMINISTRATOR_CREATED: PERSON,
    A.ADMINISTRATOR_CHANGED: f"{PERSON} language",
    A.ADMINISTRATOR_DELETED: PERSON,
    A.ACCESS_POLICY_CHANGED: "second_factor_required passkey_domain",
    A.AUDIT_RETENTION_CHANGED: "days megabytes",
    A.AUDIT_ARCHIVING_REQUESTED: "from to",
    A.AUDIT_ARCHIVED: "from to sha256",
    A.AUDIT_IMPORTED: "events signed_by sha256",
    A.AUDIT_EXPORTED: "format filter from to",
    A.AUDIT_FORWARDING_CHANGED: f"{RECEIVER} whole_trail",
    A.AUDIT_FORWARDING_STOPPED: f"{RECEIVER} not_sent",
    A.AUDIT_FORWARDING_TESTED: f"{RECEIVER} code",
    A.AUDIT_ACKNOWLEDGED: "contradictions first last digest",
    A.AUDIT_BROKEN: "event reason",
    A.TOKEN_CREATED: "read_only allowed_networks expires_at",
    A.TOKEN_USED_ELSEWHERE: "",
    A.TOKEN_REVOKED: "",
}
ALLOWED = {action: frozenset(names.split()) for action, names in NAMES.items()}


def only_allowed(action: A, details: Mapping[str, object]) -> dict[str, object]:
    """``details``, with whatever the action does not have left out; that there was something is
    said.
    """
    names = ALLOWED.get(action, frozenset())
    return {name: _checked(name, value, names=names) for name, value in details.items()}


def _checked(name: str, value: object, *, names: frozenset[str]) -> object:
    if name in PAIR and isinstance(value, Mapping):
        return {key: below if key in names else REDACTED for key, below in value.items()}
    return value if name in names else REDACTED
