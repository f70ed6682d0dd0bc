"""Why an application cannot be installed or kept: each with a stable code and what to do."""

from nodes.agent.errors import AgentError


class ApplicationError(AgentError):
    """A refusal; ``field`` names the part of the definition that it concerns."""

    code = "application_error"
    message = "The application was refused."

    def __init__(self, *, field: str = "", **values: object) -> None:
        super().__init__(**values)
        self.field = field


class DefinitionInvalid(ApplicationError):
    code = "application_invalid"
    message = "{problem}."


class PrivilegedRefused(ApplicationError):
    code = "privileged_refused"
    message = "A privileged container owns the machine. The cluster's settings do not allow it."


class HostPathRefused(ApplicationError):
    code = "host_path_refused"
    message = (
        "{path} is outside the application's own directory. Use a named volume or a relative "
        "path; the cluster's settings do not allow other paths of the node."
    )


class HostNetworkRefused(ApplicationError):
    code = "host_network_refused"
    message = "The cluster's settings do not allow an application to use the node's own network."


class PortTaken(ApplicationError):
    code = "port_taken"
    message = "Port {port} of the node is taken by {holder}. Choose another one."


class NameTaken(ApplicationError):
    code = "application_name_taken"
    message = "The node has a container {name} already, which was not installed from here."


class ImageNotFound(ApplicationError):
    code = "image_not_found"
    message = "The image {image} cannot be had: {problem}"


class ArchiveNotFound(ApplicationError):
    code = "image_archive_not_found"
    message = "There is no image archive {archive} on the node. Put it into {directory}."


class ImageNotFetched(ApplicationError):
    code = "image_not_fetched"
    message = "The image archive was not fetched from the leader: {problem}"


class DiskShort(ApplicationError):
    code = "disk_short"
    message = "The node has {free} MB free and needs {needed} MB for this image. Make room there."


class DiskFull(ApplicationError):
    """It was noticed only while podman wrote."""

    code = DiskShort.code
    message = "The node has no room for {image}. Make room there, and try again. Podman: {problem}"


class SecretMissing(ApplicationError):
    code = "application_secret_missing"
    message = "The secret {secret} was not given, and the node has none of that name yet."


class Unhealthy(ApplicationError):
    code = "application_unhealthy"
    message = "It was started and is not healthy: {problem}"


class NotInstalled(ApplicationError):
    code = "application_not_installed"
    message = "{name} is not installed on this node."


class EngineMissing(ApplicationError):
    code = "podman_missing"
    message = "Podman is not installed on the node. Install it there: apt install podman"


class EngineFailed(ApplicationError):
    code = "podman_failed"
    message = "{problem}"


class Superseded(ApplicationError):
    """Something newer was asked for this application meanwhile."""

    code = "application_superseded"
    message = "It was given up: something newer is wanted of this application."
