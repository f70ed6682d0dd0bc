"""``manage.py alter_user --data JSON``."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.management.actions import run
from accounts.management.data import add_data_argument, read_data
from accounts.management.root import LeaderCommand
from audit.actor import Actor


class Command(LeaderCommand):
    """Changes an administrator: password, second factor, name, role (S53, S54)."""

    help = 'Change an administrator, such as {"user":"admin","set":{"2fa":false}}'

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_data_argument(parser)

    def run_as_root(self, options: dict[str, Any]) -> None:
        data = read_data(options["data"], stderr=self.stderr)
        answer = run("alter-user", data, actor=Actor.root())
        self.answer(answer, text=f"{answer['user']} was changed.")
