"""Give the leader that this runs on a bit of everything: ``python -m tests.browser.furniture``.

By the product's own services, while nothing else carries operations on: what is under way stays
under way. The last line is JSON: pages that only such a cluster has, and codes to log in with.
"""

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Administrator  # noqa: E402
from accounts.models.passkey import Passkey  # noqa: E402
from accounts.services.tokens import create_token  # noqa: E402
from audit.models import Forwarding, ImportedArchive  # noqa: E402
from cluster import follow_ups  # noqa: E402
from cluster.backup.destinations import Kind  # noqa: E402
from cluster.models import BackupDestination, FollowUp, LogForwarding, Operation  # noqa: E402
from cluster.services import backup_settings, operations  # noqa: E402
from cluster.services.domains import Directory, register_domain  # noqa: E402
from nodes.models import Contact  # noqa: E402
from tests.accounts.factories import PASSWORD, enable_totp, make_administrator  # noqa: E402
from tests.cluster.factories import ADMIN, add_node, carry_on, hear_from, make_code  # noqa: E402
from tests.cluster.installing import answer, ask_install, installed  # noqa: E402
from tests.cluster.providing import make_domain  # noqa: E402

LONG = "an-application-whose-name-is-very-long"
Pages = dict[str, str]


def make_domains() -> Pages:
    """One that nodes 2 and 3 provide, and one that is somebody else's."""
    for number in (2, 3):
        add_node(number, label="Mail" if number == 2 else "")
        hear_from(number)
    make_domain("example.org", nodes=(2, 3))
    elsewhere = Directory(urls=["ldaps://ldap.example.net"], base_dn="dc=example,dc=net")
    register_domain("example.net", actor=ADMIN, directory=elsewhere)
    own = ("password", "password_change", "remove")
    return {
        "domain": reverse("domain", args=["example.org"]),
        "domain elsewhere": reverse("domain", args=["example.net"]),
        "domain_standing": reverse("domain_standing", args=["example.org"]),
        "domain_standing now": reverse("domain_standing", args=["example.org"]) + "?now",
        "provider_add": reverse("provider_add", args=["example.org"]),
        "provider_remove": reverse("provider_remove", args=["example.org", 2]),
        **{f"domain_{what}": reverse(f"domain_{what}", args=["example.org"]) for what in own},
    }


def make_applications() -> Pages:
    """One that runs, one on a node that fell silent, and one in each state of an operation."""
    port = {"host": 8080, "container": 80, "protocol": "tcp", "bind": "all"}
    installed(2, name="web", ports=[port], environment={"TZ": "UTC"})
    installed(3, name=LONG)
    failed = carry_on(ask_install(2, name="broken"))
    answer("install_application", ok=False, code="image_missing", detail="There is no such image.")
    cancelled = ask_install(2, name="unwanted")
    operations.cancel(cancelled, actor=ADMIN)
    ended = {"failed": carry_on(failed), "cancelled": carry_on(cancelled, times=2)}
    assert [operation.state for operation in ended.values()] == list(ended)
    running = carry_on(ask_install(2, name="coming"))
    runs = {**ended, "running": running, "succeeded": Operation.objects.get(kind="create")}
    hear_from(2, last_contact=timezone.now() + timedelta(minutes=20))
    Contact.objects.filter(node_id=3).update(last_contact=timezone.now() - timedelta(hours=30))
    parts = {f"application_{what}": what for what in ("logs", "change", "remove")}
    return {
        **{f"operation {state}": reverse("operation", args=[runs[state].pk]) for state in runs},
        **{part: reverse(part, args=[2, "web"]) for part in parts},
        "application": reverse("application", args=[2, "web"]),
        "application silent": reverse("application", args=[3, LONG]),
        "application_install": reverse("application_install", args=["whoami"]),
    }


def make_nodes() -> Pages:
    """What is asked about the nodes, about one to come, and what is left to do."""
    for kind in FollowUp.Kind:
        follow_ups.note(kind, detail=f"To do: {kind.label}.", subject="node9", link="/nodes/")
    follow_ups.settle(follow_ups.note(FollowUp.Kind.LOST_NODE, detail="Done."), actor=ADMIN)
    names = ("node", "node_label", "node_settings", "node_fqdn", "node_remove", "node_promote")
    return {
        **{f"{name} 2": reverse(name, args=[2]) for name in names},
        "node silent": reverse("node", args=[3]),
        "node_remove silent": reverse("node_remove", args=[3]),
        "join_code": reverse("join_code", args=[make_code()[0].pk]),
    }


def make_settings() -> Pages:
    """A backup and its destination, receivers of logs, and a trail that was read in."""
    backup_settings.set_password("violet harbour lantern 42", actor=ADMIN)
    destination = BackupDestination.objects.create(kind="local", settings={"path": "/srv/backup"})
    receiver = {"host": "logs.example.org", "port": 6514}
    LogForwarding.objects.create(**receiver)
    Forwarding.objects.create(**receiver)
    now = timezone.now()
    archive = ImportedArchive.objects.create(
        digest="ab" * 32, name="trail.jsonl", manifest={}, count=0, imported_at=now
    )
    return {
        **{
            f"backup_destination_add {kind}": reverse("backup_destination_add", args=[kind])
            for kind in Kind
        },
        "backup_destination_remove": reverse("backup_destination_remove", args=[destination.pk]),
        "audit_imported": reverse("audit_imported", args=[archive.pk]),
        "audit filtered": f"{reverse('audit')}?q=nothing+of+the+kind",
        "audit followed": f"{reverse('audit')}?live=1",
    }


def make_people() -> tuple[Pages, list[str]]:
    """An auditor, and an administrator with both second factors and a token; their codes."""
    make_administrator("otto", role=Administrator.Role.AUDITOR, full_name="Otto the Auditor")
    fay = make_administrator("fay")
    _, codes = enable_totp(fay)
    passkey = Passkey.objects.create(
        user=fay, name="Blue key", rp_id="node1.lab.test", credential_id_sha256="ab" * 32
    )
    token, _ = create_token(fay, actor=ADMIN, name="Backup program")
    ours = ("two_factor_disable", "recovery_codes_renew")
    of_otto = ("administrator", "administrator_reset", "administrator_delete")
    return {
        **{name: reverse(name) for name in ours},
        **{name: reverse(name, args=["otto"]) for name in of_otto},
        "passkey_rename": reverse("passkey_rename", args=[passkey.public_id]),
        "passkey_remove": reverse("passkey_remove", args=[passkey.public_id]),
        "token_revoke": reverse("token_revoke", args=[token.id]),
    }, codes


def main() -> int:
    pages = make_domains() | make_applications() | make_nodes() | make_settings()
    people, codes = make_people()
    told = {"pages": pages | people, "codes": codes, "password": PASSWORD}
    sys.stdout.write(f"\n{json.dumps(told)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
