"""The closed registry of what can be recorded: a dotted name and a sentence for each."""

from django.db import models


class AuditAction(models.TextChoices):
    """Names are stable for ever; the label is the sentence that people read."""

    CLUSTER_CREATION_REQUESTED = "cluster.creation.requested", "asked to create the cluster"
    CLUSTER_CREATED = "cluster.created", "created the cluster"
    CLUSTER_CREATION_FAILED = "cluster.creation.failed", "could not create the cluster"
    CLUSTER_SETTINGS_CHANGED = "cluster.settings.changed", "changed the cluster's settings"
    CLUSTER_JOIN_REQUESTED = "cluster.join.requested", "asked to join a cluster"
    CLUSTER_JOINED = "cluster.joined", "joined a cluster"
    CLUSTER_JOIN_FAILED = "cluster.join.failed", "could not join a cluster"
    TLS_VALIDATION_DISABLED = (
        "cluster.join.tls_unverified",
        "joined without validating the certificate",
    )
    JOIN_CODE_CREATED = "join_code.created", "made a join code"
    JOIN_CODE_REVOKED = "join_code.revoked", "revoked a join code"
    JOIN_CODE_REFUSED = "join_code.refused", "presented a join code that was refused"
    NODE_JOIN_STARTED = "node.join.started", "started to join"
    NODE_JOINED = "node.joined", "joined the cluster"
    NODE_JOIN_FAILED = "node.join.failed", "could not join the cluster"
    NODE_CHANGED = "node.changed", "changed a node"
    NODE_STATE_REFUSED = "node.state.refused", "refused a cluster state"
    NODE_COMMAND_SENT = "node.command.sent", "sent a command to a node"
    NODE_REMOVAL_REQUESTED = "node.removal.requested", "asked to remove a node"
    NODE_REMOVED = "node.removed", "removed a node"
    NODE_REMOVAL_FAILED = "node.removal.failed", "could not remove a node"
    NODE_PROMOTION_REQUESTED = "node.promotion.requested", "asked to promote a node to leader"
    NODE_PROMOTED = "node.promoted", "promoted a node to leader"
    NODE_PROMOTION_FAILED = "node.promotion.failed", "could not promote a node to leader"
    NODE_FQDN_CHANGED = "node.fqdn.changed", "changed a node's name"
    LEADERSHIP_TAKEN = "leadership.taken", "began to lead the cluster"
    LEADERSHIP_LOST = "leadership.lost", "learnt that another node leads the cluster"
    LEADERSHIP_CONTESTED = "leadership.contested", "heard that another node claims to lead"
    LEADERSHIP_REASSERTED = "leadership.reasserted", "confirmed its own leadership"
    LEADER_APPROVED = "leadership.approved", "approved another leader on a node"
    LEADERSHIP_FOLLOWED = "leadership.followed", "made a former leader follow the new one"
    NODE_CLEANED = "node.cleaned", "gave a removed node a clean start"
    NODE_WIPED = "node.wiped", "wiped what the node kept from having led"
    BACKUP_PASSWORD_SET = "backup.password.set", "set the backup password"
    BACKUP_SETTINGS_CHANGED = "backup.settings.changed", "changed how the cluster is backed up"
    BACKUP_DESTINATION_ADDED = "backup.destination.added", "added a backup destination"
    BACKUP_DESTINATION_REMOVED = "backup.destination.removed", "removed a backup destination"
    BACKUP_REQUESTED = "backup.requested", "asked for a backup"
    BACKUP_MADE = "backup.made", "backed up the cluster"
    BACKUP_FAILED = "backup.failed", "could not back up the cluster"
    BACKUP_DOWNLOADED = "backup.downloaded", "downloaded a backup"
    LOG_SETTINGS_CHANGED = "logs.settings.changed", "changed how long logs are kept"
    LOGS_DOWNLOADED = "logs.downloaded", "downloaded logs"
    LOG_FORWARDING_CHANGED = "logs.forwarding.changed", "changed where logs are forwarded to"
    LOG_FORWARDING_STOPPED = "logs.forwarding.stopped", "stopped forwarding logs"
    LOG_FORWARDING_TESTED = "logs.forwarding.tested", "tried a syslog receiver for logs"
    CLUSTER_RESTORE_REQUESTED = "cluster.restore.requested", "asked to restore a backup"
    CLUSTER_RESTORE_REFUSED = "cluster.restore.refused", "gave a backup that cannot be restored"
    CLUSTER_RESTORED = "cluster.restored", "restored the cluster from a backup"
    CLUSTER_RESTORE_FAILED = "cluster.restore.failed", "could not restore a backup"
    APPLICATION_INSTALL_REQUESTED = (
        "application.install.requested",
        "asked to install an application",
    )
    APPLICATION_INSTALLED = "application.installed", "installed an application"
    APPLICATION_INSTALL_FAILED = (
        "application.install.failed",
        "could not install an application",
    )
    APPLICATION_CHANGE_REQUESTED = "application.change.requested", "asked to change an application"
    APPLICATION_CHANGED = "application.changed", "changed an application"
    APPLICATION_CHANGE_FAILED = "application.change.failed", "could not change an application"
    APPLICATION_REMOVAL_REQUESTED = (
        "application.removal.requested",
        "asked to remove an application",
    )
    APPLICATION_REMOVED = "application.removed", "removed an application"
    APPLICATION_REMOVAL_FAILED = "application.removal.failed", "could not remove an application"
    APPLICATION_POLICY_CHANGED = (
        "application.policy.changed",
        "changed what applications are allowed",
    )
    IMAGE_UPLOADED = "application.image.uploaded", "sent an image archive"
    DOMAIN_CREATED = "domain.created", "created a domain"
    DOMAIN_REMOVED = "domain.removed", "removed a domain"
    DOMAIN_PASSWORD_SHOWN = "domain.password.shown", "looked at a domain's bind password"
    FOLLOW_UP_SETTLED = "follow_up.settled", "settled a follow-up"
    OPERATION_CANCELLED = "operation.cancelled", "cancelled an operation"
    OPERATION_RETRIED = "operation.retried", "started an operation again"
    LOGIN_SUCCEEDED = "auth.login.succeeded", "logged in"
    LOGIN_FAILED = "auth.login.failed", "failed to log in"
    ACCESS_DENIED = "auth.access.denied", "was refused access"
    LOGGED_OUT = "auth.logged_out", "logged out"
    PASSWORD_CHANGED = "account.password.changed", "changed their own password"
    PASSWORD_REFUSED = "account.password.refused", "gave a wrong current password"
    PASSWORD_RESET = "administrator.password.reset", "reset an administrator's password"
    TOTP_ENABLED = "account.totp.enabled", "enabled two-factor authentication"
    TOTP_DISABLED = "account.totp.disabled", "disabled two-factor authentication"
    TOTP_STARTED = "account.totp.started", "began to set up two-factor authentication"
    TOTP_REFUSED = "account.totp.refused", "gave a wrong code"
    TOTP_REMOVED = "account.totp.removed", "removed the authenticator application"
    PASSKEY_ADDED = "account.passkey.added", "added a passkey"
    PASSKEY_RENAMED = "account.passkey.renamed", "renamed a passkey"
    PASSKEY_REMOVED = "account.passkey.removed", "removed a passkey"
    PASSKEY_REFUSED = "account.passkey.refused", "gave a passkey that was refused"
    RECOVERY_CODES_RENEWED = "account.recovery_codes.renewed", "made new recovery codes"
    RECOVERY_CODE_USED = "account.recovery_code.used", "used a recovery code"
    SESSION_ENDED = "account.session.ended", "ended a session"
    ADMINISTRATOR_CREATED = "administrator.created", "created an administrator"
    ADMINISTRATOR_CHANGED = "administrator.changed", "changed an administrator"
    ADMINISTRATOR_DELETED = "administrator.deleted", "deleted an administrator"
    ACCESS_POLICY_CHANGED = (
        "administrator.policy.changed",
        "changed what is asked of all administrators",
    )
    AUDIT_EXPORTED = "audit.exported", "exported the audit trail"
    AUDIT_FORWARDING_CHANGED = (
        "audit.forwarding.changed",
        "changed where the audit trail is forwarded to",
    )
    AUDIT_FORWARDING_STOPPED = "audit.forwarding.stopped", "stopped forwarding the audit trail"
    AUDIT_FORWARDING_TESTED = "audit.forwarding.tested", "tried a syslog receiver"
    AUDIT_RETENTION_CHANGED = (
        "audit.retention.changed",
        "changed how long the audit trail is kept",
    )
    AUDIT_ARCHIVING_REQUESTED = (
        "audit.archiving.requested",
        "asked to archive old events of the audit trail",
    )
    AUDIT_ARCHIVED = "audit.archived", "archived old events of the audit trail"
    AUDIT_IMPORTED = "audit.imported", "imported an archive of an audit trail"
    AUDIT_ACKNOWLEDGED = (
        "audit.acknowledged",
        "acknowledged what others remember of another audit trail",
    )
    AUDIT_BROKEN = "audit.broken", "found that the audit trail was changed"
    TOKEN_CREATED = "token.created", "made an API token"
    TOKEN_USED_ELSEWHERE = "token.used_elsewhere", "used an API token from a new address"
    TOKEN_REVOKED = "token.revoked", "revoked an API token"
