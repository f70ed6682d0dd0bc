"""Root's way back in (S53, S54)."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Administrator, Authenticator
from audit.models import AuditEvent
from tests.accounts.factories import (
    PASSWORD,
    browser,
    enable_totp,
    login,
    make_administrator,
)
from tests.node_files import write_node_file

pytestmark = pytest.mark.django_db
MANUAL = '{"user":"admin","set":{"password":"Nethesis,1234","2fa":false}}'


@pytest.fixture(autouse=True)
def _as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def api_cli(action: str, data: str | dict[str, Any] = "{}") -> dict[str, Any]:
    """What ``api-cli run ACTION --data JSON`` prints."""
    text = data if isinstance(data, str) else json.dumps(data)
    out = io.StringIO()
    call_command("api_cli", "run", action, "--data", text, stdout=out, stderr=io.StringIO())
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_line_of_the_manual_gives_access_back() -> None:
    """S53: exactly this line, without 2FA, and a new password is asked for at the next login."""
    admin = make_administrator("admin")
    enable_totp(admin)
    page = browser()
    page.force_login(admin)

    api_cli("alter-user", MANUAL)

    assert page.get("/account/").status_code == 302
    answer = login(username="admin", password="Nethesis,1234")
    assert (answer.status_code, answer.json()["must_change_password"]) == (200, True)


def test_way_back_in_is_recorded_as_root_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    make_administrator("admin")
    monkeypatch.setattr(settings.FLOTILLA, "INVOKING_USER", "alice")

    api_cli("alter-user", MANUAL)

    event = AuditEvent.objects.get()
    assert (event.user, event.user_kind) == (f"root@{settings.FLOTILLA.FQDN}", "root")
    assert (event.interface, event.user_agent) == ("command", "sudo by alice")
    assert (event.action, event.target_id) == ("administrator.password.reset", "admin")
    assert "Nethesis,1234" not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ('{"user":"nobody","set":{"2fa":false}}', "administrator_not_found"),
        ('{"user":"admin","set":{"pasword":"Nethesis,1234"}}', "invalid_data"),
        ('{"user":"admin","set":{"2fa":false,"pasword":"Nethesis,1234"}}', "invalid_data"),
        ('{"user":"admin","set":{"2fa":false},"force":true}', "invalid_data"),
        ('{"user":"admin"}', "invalid_data"),
        ('{"user":"admin","set":{}}', "invalid_data"),
        ('{"user":"admin","set":[]}', "invalid_data"),
        ('{"user":["admin"],"set":{"2fa":false}}', "invalid_data"),
        ('{"user":"admin","set":{"password":""}}', "invalid_data"),
        ('{"user":"admin","set":{"password":null}}', "invalid_data"),
        ('{"user":"admin","set":{"password":"short"}}', "password_not_acceptable"),
        ('{"user":"admin","set":{"2fa":true}}', "only_user_enables_two_factor"),
        ('{"user":"admin","set":{"password":"Nethesis,1234","2fa":true}}', "only_user_enables"),
        ('{"user":"admin","set":{"is_active":false}}', "last_administrator"),
        (
            '{"user":"admin","set":{"full_name":"x","password":"short"}}',
            "password_not_acceptable",
        ),
        ('{"user":"admin"', "invalid_data"),
        ("[]", "invalid_data"),
        ("null", "invalid_data"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(data: str, code: str) -> None:
    """S54."""
    enable_totp(make_administrator("admin"))
    before = list(Administrator.objects.values())
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command(
            "api_cli", "run", "alter-user", "--data", data, stdout=out, stderr=io.StringIO()
        )

    assert json.loads(out.getvalue())["error"]["code"].startswith(code)
    assert list(Administrator.objects.values()) == before
    assert Authenticator.objects.filter(confirmed=True).exists()
    assert not AuditEvent.objects.filter(user_kind="root").exists()


def test_second_factor_alone_can_be_switched_off() -> None:
    enable_totp(make_administrator("admin"))

    api_cli("alter-user", {"user": "admin", "set": {"2fa": False}})

    assert login(username="admin").status_code == 200


def test_password_in_the_process_list_is_warned_of() -> None:
    make_administrator("admin")
    warnings = io.StringIO()

    call_command(
        "api_cli",
        "run",
        "alter-user",
        "--data",
        MANUAL,
        stdout=io.StringIO(),
        stderr=warnings,
    )

    assert "every user of this machine can see" in warnings.getvalue()


def test_data_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    make_administrator("admin")
    monkeypatch.setattr(sys, "stdin", io.StringIO(MANUAL))
    warnings = io.StringIO()

    call_command(
        "api_cli", "run", "alter-user", "--data", "-", stdout=io.StringIO(), stderr=warnings
    )

    assert login(username="admin", password="Nethesis,1234").status_code == 200
    assert warnings.getvalue() == ""


def test_users_are_added_listed_described_and_removed() -> None:
    make_administrator("admin")

    added = api_cli("add-user", {"user": "bob", "set": {"full_name": "Bob", "role": "auditor"}})
    assert login(username="bob", password=added["one_time_password"]).status_code == 200
    assert [each["user"] for each in api_cli("list-users")["users"]] == ["admin", "bob"]
    assert api_cli("get-user-info", {"user": "bob"})["role"] == "auditor"
    assert api_cli("remove-user", {"user": "bob"}) == {"user": "bob"}
    assert [each["user"] for each in api_cli("list-users")["users"]] == ["admin"]


def test_added_user_may_be_given_a_password() -> None:
    answer = api_cli("add-user", {"user": "bob", "set": {"password": "Nethesis,1234"}})

    assert answer == {"user": "bob"}
    given = login(username="bob", password="Nethesis,1234").json()
    assert given["must_change_password"] is True


@pytest.mark.parametrize("role", ["worker", "deposed"])
@pytest.mark.parametrize(
    "command",
    [
        ("api_cli", "run", "list-users"),
        ("reset_password", "admin"),
        ("alter_user", "--data", MANUAL),
    ],
)
def test_node_that_does_not_lead_refuses_and_names_the_leader(
    node_file: Path, role: str, command: tuple[str, ...]
) -> None:
    make_administrator("admin")
    write_node_file(node_file, role=role)

    with pytest.raises(CommandError, match=r"leader: node1\.example\.org"):
        call_command(*command, stdout=io.StringIO())

    assert Administrator.objects.get().check_password(PASSWORD)


def test_machine_without_a_cluster_obeys(node_file: Path) -> None:
    make_administrator("admin")
    node_file.unlink()

    assert api_cli("list-users")["users"][0]["user"] == "admin"


def test_only_root_may(monkeypatch: pytest.MonkeyPatch) -> None:
    make_administrator("admin")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(CommandError, match="This needs root"):
        call_command("reset_password", "admin")


def test_reset_makes_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    make_administrator("admin")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    out = io.StringIO()

    call_command("reset_password", "admin", "--json", stdout=out)

    made = json.loads(out.getvalue())
    assert login(username="admin", password=made["one_time_password"]).status_code == 200


def test_reset_reads_a_password_and_does_not_repeat_it(monkeypatch: pytest.MonkeyPatch) -> None:
    enable_totp(make_administrator("admin"))
    monkeypatch.setattr(sys, "stdin", io.StringIO("Nethesis,1234\n"))
    out = io.StringIO()

    call_command("reset_password", "admin", "--password-stdin", "--disable-2fa", stdout=out)

    assert "Nethesis,1234" not in out.getvalue()
    assert login(username="admin", password="Nethesis,1234").status_code == 200


def test_empty_standard_input_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    make_administrator("admin")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    with pytest.raises(CommandError, match="no password"):
        call_command("reset_password", "admin", "--password-stdin")


def test_alter_user_is_the_same_under_djangos_name() -> None:
    make_administrator("admin")
    out = io.StringIO()

    call_command("alter_user", "--data", MANUAL, stdout=out, stderr=io.StringIO())

    assert out.getvalue().strip() == "admin was changed."
    assert login(username="admin", password="Nethesis,1234").status_code == 200


def test_program_of_the_manual_is_there() -> None:
    """The script finds the project from anywhere, also through a link."""
    program = settings.BASE_DIR / "bin" / "api-cli"

    asked = subprocess.run(
        [program, "run", "--help"],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "FLOTILLA_STATE_DIR": str(settings.STATE_DIR),
        },
    )

    assert asked.returncode == 0, asked.stderr
    assert "alter-user" in asked.stdout
