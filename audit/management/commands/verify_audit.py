"""``manage.py verify_audit``: is the trail as it was written?"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.rounds import verify_everything
from audit.verification import Report


class Command(BaseCommand):
    """Verifies every event of the audit trail and names the first bad one."""

    help = "Verify every event of the audit trail; exit 1 and name the first bad one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="speak JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify_everything()
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report)))
        elif report.is_intact:
            self.stdout.write(f"{report.checked} events, all as they were written.")
        if report.first_bad is not None:
            bad = report.first_bad
            raise CommandError(f"Event {bad.id} {bad.reason}. The {report.checked} before it fit.")


def _as_json(report: Report) -> dict[str, object]:
    bad = report.first_bad
    return {
        "ok": report.is_intact,
        "verified_at": report.verified_at.isoformat(),
        "checked": report.checked,
        "head": report.head,
        "first_bad": {"id": bad.id, "reason": bad.reason} if bad else None,
    }
