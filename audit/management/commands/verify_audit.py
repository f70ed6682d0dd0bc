"""``manage.py verify_audit``: is the trail as it was written?"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.export.check import check_export
from audit.rounds import verify_everything
from audit.verification import Report


class Command(BaseCommand):
    """Verifies every event of the audit trail and names the first bad one."""

    help = "Verify every event of the audit trail; exit 1 and name the first bad one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="speak JSON")
        parser.add_argument(
            "--export", metavar="FILE", help="verify a sealed export or its JSON lines instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["export"]:
            self._verify_export(Path(options["export"]), as_json=options["json"])
            return
        report = verify_everything()
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report)))
        elif report.is_intact:
            self.stdout.write(f"{report.checked} events, all as they were written.")
        if report.first_bad is not None:
            bad = report.first_bad
            raise CommandError(f"Event {bad.id} {bad.reason}. The {report.checked} before it fit.")

    def _verify_export(self, path: Path, *, as_json: bool) -> None:
        try:
            checked = check_export(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        if as_json:
            problem = checked.problem or None
            report = {"ok": not problem, "checked": checked.events, "problem": problem}
            self.stdout.write(json.dumps(report))
        elif not checked.problem:
            self.stdout.write(f"{checked.events} events, all as they were exported.")
        if checked.problem:
            raise CommandError(f"{checked.problem} The {checked.events} before it fit.")


def _as_json(report: Report) -> dict[str, object]:
    bad = report.first_bad
    return {
        "ok": report.is_intact,
        "verified_at": report.verified_at.isoformat(),
        "checked": report.checked,
        "head": report.head,
        "first_bad": {"id": bad.id, "reason": bad.reason} if bad else None,
    }
