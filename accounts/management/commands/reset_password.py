"""``manage.py reset_password admin [--disable-2fa]``: the friendly way back in."""

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.management.root import LeaderCommand
from accounts.services import reset_password
from accounts.services.people import find_administrator
from audit.actor import Actor


class Command(LeaderCommand):
    """Gives an administrator a password that must be changed at the next login."""

    help = "Give an administrator a new password, to be changed at the next login."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username")
        parser.add_argument(
            "--disable-2fa", action="store_true", help="switch the second factor off as well"
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        administrator = find_administrator(options["username"])
        given = _read_stdin() if options["password_stdin"] else _ask()
        password = reset_password(
            administrator,
            actor=Actor.root(),
            password=given,
            disable_two_factor=options["disable_2fa"],
        )
        data = {"user": administrator.username}
        text = f"{administrator.username} has a new password; it must be changed at the next login."
        if given is None:
            data["one_time_password"] = password
            text += f"\nPassword: {password}"
        self.answer(data, text=text)


def _read_stdin() -> str:
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise CommandError("There is no password on standard input.")
    return password


def _ask() -> str | None:
    """From the terminal; None, which draws one, without a terminal or when nothing is entered."""
    if not sys.stdin.isatty():
        return None
    password = getpass("New password (empty: one is made): ")
    if password and password != getpass("Once more: "):
        raise CommandError("These two are not the same.")
    return password or None
