"""What can go wrong with the cluster's backup, and with restoring one."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, Invalid, Missing, Unavailable


class BackupPasswordMissing(Conflict):
    """S27: it is kept on one leader only, and nowhere else."""

    code = "backup_password_missing"
    message = _(
        "This leader has no backup password. Set it under Settings, Backup; then back up again."
    )


class BackupSettingInvalid(Invalid):
    code = "backup_setting_invalid"
    message = "{problem}"


class BackupDestinationKindUnknown(Invalid):
    code = "backup_destination_kind_unknown"
    message = _("A destination is one of {kinds}.")


class BackupDestinationInvalid(Invalid):
    code = "backup_destination_invalid"
    message = "{problem}"


class BackupDestinationFailed(Conflict):
    """What a destination, or the way there, says."""

    code = "backup_destination_failed"
    message = "{problem}"


class BackupDestinationKnown(Conflict):
    code = "backup_destination_known"
    message = _("Backups are sent to {place} already. Remove that destination first, to change it.")


class BackupDestinationUnusable(Conflict):
    """The leader has tried it: nothing was stored."""

    code = "backup_destination_unusable"
    message = _("The leader cannot use this destination: {problem} Nothing was saved.")


class BackupDestinationNotFound(Missing):
    code = "backup_destination_not_found"
    message = _("There is no such backup destination.")


class TooManyBackupDestinations(Conflict):
    code = "too_many_backup_destinations"
    message = _("There are {count} backup destinations already. Remove one first.")


class RcloneMissing(Conflict):
    code = "rclone_missing"
    message = _(
        "This destination needs rclone, which is not installed on the leader. "
        "Install the package rclone there, for example with: apt install rclone"
    )


class BackupNotDelivered(Conflict):
    code = "backup_not_delivered"
    message = _("The backup was made, and is kept on the leader, but did not arrive. {failures}")


class BackupNotSealed(Unavailable):
    code = "backup_not_sealed"
    message = _("The backup could not be encrypted: {problem}")


class BackupJobDied(Unavailable):
    """Killed, most likely: key stretching takes up to a gigabyte."""

    code = "backup_job_died"
    message = _("What was reading the backup ended without a result. Is there memory enough?")


class BackupWorkDied(Unavailable):
    """The same again and again, while a backup was made or sent."""

    code = "backup_work_died"
    message = _(
        "What makes and sends the backup was ended again and again. Is there memory enough?"
    )


class NoBackupYet(Missing):
    code = "no_backup_yet"
    message = _("There is no backup file on this node yet. Make one first.")


class BackupNotReadable(Invalid):
    """Of every file that cannot be restored; nothing was changed."""

    code = "backup_not_readable"
    message = _("The file cannot be read: {problem}")


class BackupPasswordWrong(Invalid):
    code = "backup_password_wrong"
    message = _("This is not the password of the backup. Nothing was changed.")


class BackupTruncated(Invalid):
    code = "backup_truncated"
    message = _("The end of the file is missing. Copy it again, all of it. Nothing was changed.")


class BackupForeign(Invalid):
    code = "backup_foreign"
    message = _("This is not a backup of a Flotilla cluster: {problem} Nothing was changed.")


class BackupDamaged(Invalid):
    code = "backup_damaged"
    message = _("The backup was altered or damaged: {problem} Nothing was changed.")


class BackupNewer(Invalid):
    code = "backup_newer"
    message = _(
        "The backup was made by version {version}, and this machine runs version {own}. "
        "Install that version or a later one first. Nothing was changed."
    )


class BackupTooLarge(Invalid):
    code = "backup_too_large"
    status = 413
    message = _(
        "A browser may send at most {limit} MB. Copy the file to this machine, and restore it as "
        "root by manage.py restore_cluster, which takes larger ones."
    )
