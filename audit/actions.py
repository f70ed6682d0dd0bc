"""The closed registry of what can be recorded: a dotted name and a sentence for each."""

from django.db import models
from django.utils.translation import gettext_noop as _


class AuditAction(models.TextChoices):
    """Names are stable for ever; the label is the sentence that people read."""

    CLUSTER_CREATION_REQUESTED = "cluster.creation.requested", _("asked to create the cluster")
    CLUSTER_CREATED = "cluster.created", _("created the cluster")
    CLUSTER_CREATION_FAILED = "cluster.creation.failed", _("could not create the cluster")
    CLUSTER_SETTINGS_CHANGED = "cluster.settings.changed", _("changed the cluster's settings")
    CLUSTER_JOIN_REQUESTED = "cluster.join.requested", _("asked to join a cluster")
    CLUSTER_JOINED = "cluster.joined", _("joined a cluster")
    CLUSTER_JOIN_FAILED = "cluster.join.failed", _("could not join a cluster")
    TLS_VALIDATION_DISABLED = (
        "cluster.join.tls_unverified",
        _("joined without validating the certificate"),
    )
    JOIN_CODE_CREATED = "join_code.created", _("made a join code")
    JOIN_CODE_REVOKED = "join_code.revoked", _("revoked a join code")
    JOIN_CODE_REFUSED = "join_code.refused", _("presented a join code that was refused")
    NODE_JOIN_STARTED = "node.join.started", _("started to join")
    NODE_JOINED = "node.joined", _("joined the cluster")
    NODE_JOIN_FAILED = "node.join.failed", _("could not join the cluster")
    NODE_CHANGED = "node.changed", _("changed a node")
    NODE_STATE_REFUSED = "node.state.refused", _("refused a cluster state")
    NODE_COMMAND_SENT = "node.command.sent", _("sent a command to a node")
    NODE_REMOVAL_REQUESTED = "node.removal.requested", _("asked to remove a node")
    NODE_REMOVED = "node.removed", _("removed a node")
    NODE_REMOVAL_FAILED = "node.removal.failed", _("could not remove a node")
    NODE_PROMOTION_REQUESTED = "node.promotion.requested", _("asked to promote a node to leader")
    NODE_PROMOTED = "node.promoted", _("promoted a node to leader")
    NODE_PROMOTION_FAILED = "node.promotion.failed", _("could not promote a node to leader")
    NODE_FQDN_CHANGED = "node.fqdn.changed", _("changed a node's name")
    LEADERSHIP_TAKEN = "leadership.taken", _("began to lead the cluster")
    LEADERSHIP_LOST = "leadership.lost", _("learnt that another node leads the cluster")
    LEADERSHIP_CONTESTED = "leadership.contested", _("heard that another node claims to lead")
    LEADERSHIP_REASSERTED = "leadership.reasserted", _("confirmed its own leadership")
    LEADER_APPROVED = "leadership.approved", _("approved another leader on a node")
    LEADERSHIP_FOLLOWED = "leadership.followed", _("made a former leader follow the new one")
    NODE_CLEANED = "node.cleaned", _("gave a removed node a clean start")
    NODE_WIPED = "node.wiped", _("wiped what the node kept from having led")
    BACKUP_PASSWORD_SET = "backup.password.set", _("set the backup password")
    BACKUP_SETTINGS_CHANGED = "backup.settings.changed", _("changed how the cluster is backed up")
    BACKUP_DESTINATION_ADDED = "backup.destination.added", _("added a backup destination")
    BACKUP_DESTINATION_REMOVED = "backup.destination.removed", _("removed a backup destination")
    BACKUP_REQUESTED = "backup.requested", _("asked for a backup")
    BACKUP_MADE = "backup.made", _("backed up the cluster")
    BACKUP_FAILED = "backup.failed", _("could not back up the cluster")
    BACKUP_DOWNLOADED = "backup.downloaded", _("downloaded a backup")
    LOG_SETTINGS_CHANGED = "logs.settings.changed", _("changed how long logs are kept")
    LOGS_DOWNLOADED = "logs.downloaded", _("downloaded logs")
    LOG_FORWARDING_CHANGED = "logs.forwarding.changed", _("changed where logs are forwarded to")
    LOG_FORWARDING_STOPPED = "logs.forwarding.stopped", _("stopped forwarding logs")
    LOG_FORWARDING_TESTED = "logs.forwarding.tested", _("tried a syslog receiver for logs")
    CLUSTER_RESTORE_REQUESTED = "cluster.restore.requested", _("asked to restore a backup")
    CLUSTER_RESTORE_REFUSED = "cluster.restore.refused", _("gave a backup that cannot be restored")
    CLUSTER_RESTORED = "cluster.restored", _("restored the cluster from a backup")
    CLUSTER_RESTORE_FAILED = "cluster.restore.failed", _("could not restore a backup")
    APPLICATION_INSTALL_REQUESTED = (
        "application.install.requested",
        _("asked to install an application"),
    )
    APPLICATION_INSTALLED = "application.installed", _("installed an application")
    APPLICATION_INSTALL_FAILED = (
        "application.install.failed",
        _("could not install an application"),
    )
    APPLICATION_CHANGE_REQUESTED = (
        "application.change.requested",
        _("asked to change an application"),
    )
    APPLICATION_CHANGED = "application.changed", _("changed an application")
    APPLICATION_CHANGE_FAILED = "application.change.failed", _("could not change an application")
    APPLICATION_REMOVAL_REQUESTED = (
        "application.removal.requested",
        _("asked to remove an application"),
    )
    APPLICATION_REMOVED = "application.removed", _("removed an application")
    APPLICATION_REMOVAL_FAILED = "application.removal.failed", _("could not remove an application")
    APPLICATION_POLICY_CHANGED = (
        "application.policy.changed",
        _("changed what applications are allowed"),
    )
    IMAGE_UPLOADED = "application.image.uploaded", _("sent an image archive")
    DOMAIN_CREATED = "domain.created", _("created a domain")
    DOMAIN_REMOVED = "domain.removed", _("removed a domain")
    DOMAIN_PASSWORD_CHANGED = "domain.password.changed", "changed a domain's bind password"
    DOMAIN_PASSWORD_SHOWN = "domain.password.shown", _("looked at a domain's bind password")
    FOLLOW_UP_SETTLED = "follow_up.settled", _("marked a follow-up as done")
    OPERATION_CANCELLED = "operation.cancelled", _("cancelled an operation")
    OPERATION_RETRIED = "operation.retried", _("started an operation again")
    LOGIN_SUCCEEDED = "auth.login.succeeded", _("logged in")
    LOGIN_FAILED = "auth.login.failed", _("failed to log in")
    ACCESS_DENIED = "auth.access.denied", _("was refused access")
    LOGGED_OUT = "auth.logged_out", _("logged out")
    PASSWORD_CHANGED = "account.password.changed", _("changed their own password")
    PASSWORD_REFUSED = "account.password.refused", _("gave a wrong current password")
    PASSWORD_RESET = "administrator.password.reset", _("reset an administrator's password")
    TOTP_ENABLED = "account.totp.enabled", _("enabled two-factor authentication")
    TOTP_DISABLED = "account.totp.disabled", _("disabled two-factor authentication")
    TOTP_STARTED = "account.totp.started", _("began to set up two-factor authentication")
    TOTP_REFUSED = "account.totp.refused", _("gave a wrong code")
    TOTP_REMOVED = "account.totp.removed", _("removed the authenticator application")
    PASSKEY_ADDED = "account.passkey.added", _("added a passkey")
    PASSKEY_RENAMED = "account.passkey.renamed", _("renamed a passkey")
    PASSKEY_REMOVED = "account.passkey.removed", _("removed a passkey")
    PASSKEY_REFUSED = "account.passkey.refused", _("gave a passkey that was refused")
    RECOVERY_CODES_RENEWED = "account.recovery_codes.renewed", _("made new recovery codes")
    RECOVERY_CODE_USED = "account.recovery_code.used", _("used a recovery code")
    SESSION_ENDED = "account.session.ended", _("ended a session")
    ADMINISTRATOR_CREATED = "administrator.created", _("created an administrator")
    ADMINISTRATOR_CHANGED = "administrator.changed", _("changed an administrator")
    ADMINISTRATOR_DELETED = "administrator.deleted", _("deleted an administrator")
    ACCESS_POLICY_CHANGED = (
        "administrator.policy.changed",
        _("changed what is asked of all administrators"),
    )
    AUDIT_EXPORTED = "audit.exported", _("exported the audit trail")
    AUDIT_FORWARDING_CHANGED = (
        "audit.forwarding.changed",
        _("changed where the audit trail is forwarded to"),
    )
    AUDIT_FORWARDING_STOPPED = "audit.forwarding.stopped", _("stopped forwarding the audit trail")
    AUDIT_FORWARDING_TESTED = "audit.forwarding.tested", _("tried a syslog receiver")
    AUDIT_RETENTION_CHANGED = (
        "audit.retention.changed",
        _("changed how long the audit trail is kept"),
    )
    AUDIT_ARCHIVING_REQUESTED = (
        "audit.archiving.requested",
        _("asked to archive old events of the audit trail"),
    )
    AUDIT_ARCHIVED = "audit.archived", _("archived old events of the audit trail")
    AUDIT_IMPORTED = "audit.imported", _("imported an archive of an audit trail")
    AUDIT_ACKNOWLEDGED = (
        "audit.acknowledged",
        _("acknowledged what others remember of another audit trail"),
    )
    AUDIT_BROKEN = "audit.broken", _("found that the audit trail was changed")
    TOKEN_CREATED = "token.created", _("made an API token")
    TOKEN_USED_ELSEWHERE = "token.used_elsewhere", _("used an API token from a new address")
    TOKEN_REVOKED = "token.revoked", _("revoked an API token")
