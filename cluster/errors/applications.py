"""What can go wrong with an application: said by the leader, or by the node in the same words."""

from django.utils.translation import gettext_noop as _

from config.errors import Conflict, DomainError, Invalid, Missing, Unavailable


class ApplicationRefused(Conflict):
    """The node refused it for a reason that this leader does not know by name."""

    code = "application_refused"
    message = _("The node refused it: {detail}")


class ApplicationInvalid(Invalid):
    code = "application_invalid"
    message = "{detail}"


class PrivilegedRefused(Invalid):
    code = "privileged_refused"
    message = "{detail}"


class HostPathRefused(Invalid):
    code = "host_path_refused"
    message = "{detail}"


class HostNetworkRefused(Invalid):
    code = "host_network_refused"
    message = "{detail}"


class PortTaken(Conflict):
    code = "port_taken"
    message = "{detail}"


class ApplicationNameTaken(Conflict):
    code = "application_name_taken"
    message = "{detail}"


class ImageNotFound(Conflict):
    code = "image_not_found"
    message = "{detail}"


class ImageArchiveNotFound(Conflict):
    code = "image_archive_not_found"
    message = "{detail}"


class ImageNotFetched(Unavailable):
    code = "image_not_fetched"
    message = "{detail}"


class DiskShort(Conflict):
    code = "disk_short"
    message = "{detail}"


class ImageUploadInvalid(Invalid):
    code = "image_upload_invalid"
    message = "{problem}"


class ImageUploadTooLarge(Invalid):
    code = "image_upload_too_large"
    status = 413
    message = "The leader has room for an archive of {limit} MB at most. Make room there."


class ImageUploadNotFound(Missing):
    code = "image_upload_not_found"
    message = "There is no such image archive any more. Send it again."


class ApplicationSecretMissing(Invalid):
    code = "application_secret_missing"
    message = "{detail}"


class ApplicationUnhealthy(Conflict):
    code = "application_unhealthy"
    message = "{detail}"


class ApplicationNotInstalled(Conflict):
    code = "application_not_installed"
    message = "{detail}"


class PodmanMissing(Conflict):
    code = "podman_missing"
    message = "{detail}"


class PodmanFailed(Conflict):
    code = "podman_failed"
    message = "{detail}"


class ApplicationNotManaged(Conflict):
    """S19: what somebody started on the node itself is shown, and not touched."""

    code = "application_not_managed"
    message = _("{name} was not installed from here. Change it on its node.")


class ApplicationChanging(Conflict):
    code = "application_changing"
    message = _("{name} is being changed by another operation. Try again when that has ended.")
    retry_after = 5


class TemplateNotFound(Missing):
    code = "application_template_not_found"
    message = _("The catalogue has no {template}.")


class ParametersInvalid(Invalid):
    code = "application_parameters_invalid"
    message = "{problem}"


class LogsUnavailable(Unavailable):
    code = "application_logs_unavailable"
    message = _("node{node} does not answer. Is it online?")


FROM_NODE: dict[str, type[DomainError]] = {
    error.code: error
    for error in (
        ApplicationInvalid,
        PrivilegedRefused,
        HostPathRefused,
        HostNetworkRefused,
        PortTaken,
        ApplicationNameTaken,
        ImageNotFound,
        ImageArchiveNotFound,
        ImageNotFetched,
        DiskShort,
        ApplicationSecretMissing,
        ApplicationUnhealthy,
        ApplicationNotInstalled,
        PodmanMissing,
        PodmanFailed,
    )
}


def refusal_of(code: str, detail: str, *, field: str | None = None) -> DomainError:
    """The agent's refusal as this leader's own error."""
    return FROM_NODE.get(code, ApplicationRefused)(field=field, detail=detail)
