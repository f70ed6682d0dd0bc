"""What can be jumped to: each place has a name, a kind, and words by which it is found."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.models import Administrator
from cluster.views.menu import menu
from config.help.manual import parts
from config.shell import Shell
from nodes.models import Application, Node
from nodes.role import Role


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in the console; ``words`` are what it is also known by."""

    kind: str
    label: str
    url: str
    words: str = ""
    within: str = ""

    @property
    def kind_in_words(self) -> str:
        """In the reader's language."""
        return gettext(self.kind)


ACTIONS = (
    (_("Add node to cluster"), "node_add", _("join code")),
    (_("Install an application"), "application_catalogue", _("container")),
    (_("Install an image of your own"), "application_install_image", _("container application")),
    (_("Create a domain"), "domain_create", _("ldap accounts directory")),
    (_("Register an external domain"), "domain_register", _("ldap accounts directory")),
    (_("Create an administrator"), "administrator_new", _("user account")),
    (_("Change who needs a second factor"), "access_policy", _("2fa policy")),
    (_("Set the backup password"), "backup_password", ""),
    (_("Change the backup schedule"), "backup_schedule", ""),
)
"""What changes the cluster: label, URL's name, and other words for it."""
OWN = (
    (_("Change my password"), "password_change", ""),
    (_("Enable 2FA"), "two_factor_begin", _("two-factor authenticator second factor")),
    (_("Add a passkey"), "passkey_new", _("second factor 2fa security key")),
    (_("New API token"), "token_new", ""),
)
"""What everybody may do with their own account."""


def places(shell: Shell) -> Iterator[Place]:
    """Everything that this reader may go to, what is asked for most first."""
    if shell.identity.role in (Role.LEADER, Role.DEPOSED):
        yield from _nodes(shell)
        yield from _applications()
    yield from _pages(shell)
    yield from _people()
    yield from _actions(shell)
    yield from _chapters()


def _pages(shell: Shell) -> Iterator[Place]:
    for section in shell.navigation:
        for item in section.items:
            yield Place(_("Page"), item.label, item.url, section.title)


def _nodes(shell: Shell) -> Iterator[Place]:
    may_change, is_busy = shell.may_change, shell.is_membership_changing
    for node in Node.objects.members().select_related("contact"):
        words = f"{node.label} {node.vpn_address or ''} {node.get_role_display()}"
        yield Place(_("Node"), str(node), reverse("node", args=[node.pk]), words)
        for entry in menu(node, may_change=may_change, is_busy=is_busy)[1:]:
            if not entry.reason:
                yield Place(_("Action"), f"{entry.label}: node{node.pk}", entry.url, words)


def _applications() -> Iterator[Place]:
    for application in Application.objects.listed():
        about = {"name": application.name, "node": application.node_id}
        label = gettext("%(name)s on node%(node)d") % about
        yield Place(_("Application"), label, _page_of(application), application.image)


def _page_of(application: Application) -> str:
    """What was not installed from here has no page of its own."""
    if application.managed:
        return reverse("application", args=[application.node_id, application.name])
    return reverse("applications")


def _people() -> Iterator[Place]:
    for person in Administrator.objects.order_by("username"):
        url = reverse("administrator", args=[person.username])
        yield Place(_("Administrator"), person.username, url, f"{person.full_name} {person.email}")


def _actions(shell: Shell) -> Iterator[Place]:
    known = ACTIONS if shell.may_change and shell.identity.role == Role.LEADER else ()
    for label, name, words in (*known, *OWN):
        yield Place(_("Action"), gettext(label), reverse(name), _known_by(label, words))


def _known_by(label: str, words: str) -> str:
    """The reader's words, and the English ones, by which many know it."""
    return f"{words and gettext(words)} {label} {words}"


def _chapters() -> Iterator[Place]:
    for part in parts():
        for chapter in part.chapters:
            url = reverse("help_chapter", args=[chapter.slug])
            yield Place(_("Manual"), chapter.document.title, url, chapter.document.summary)
            for heading in chapter.document.headings:
                anchored = f"{url}#{heading.anchor}"
                yield Place(_("Manual"), heading.text, anchored, within=chapter.document.title)
