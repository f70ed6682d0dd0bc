"""``manage.py verify_audit``: is the trail as it was written?"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.acknowledging import acknowledge
from audit.actor import Actor
from audit.archive.check import find_damaged_event
from audit.checkpoints import signed_again_after
from audit.export.check import Checked, check_export
from audit.models import WitnessStatement
from audit.rounds import verify_everything
from audit.verification import Report
from config.commands import RootCommand


class Command(RootCommand):
    """Verifies every event of the audit trail, archives too, and names the first bad one."""

    help = "Verify every event of the audit trail; exit 1 and name the first bad one."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--acknowledge",
            action="store_true",
            help="record that it is known why others remember another trail, and settle that alarm",
        )
        parser.add_argument(
            "--export", metavar="FILE", help="verify an archive or an exported file instead"
        )
        parser.add_argument(
            "--key", default="", help="with --export: identity key of the node that signed"
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        if options["export"]:
            self._verify_export(Path(options["export"]), options)
            return
        report = verify_everything(damage=find_damaged_event)
        if options["acknowledge"]:
            acknowledge(actor=Actor.root())
            report = verify_everything(damage=find_damaged_event)
        witnesses = list(WitnessStatement.objects.all())
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report, witnesses)))
        elif report.is_intact:
            self.stdout.write(f"{report.checked} events, all as they were written.")
            self.stdout.writelines(_in_words(each) for each in witnesses)
            if event := signed_again_after():
                self.stdout.write(f"Its end is signed again after event {event}.")
        if report.first_bad is not None:
            bad = report.first_bad
            raise CommandError(f"Event {bad.id} {bad.reason}. The {report.checked} before it fit.")

    def _verify_export(self, path: Path, options: dict[str, Any]) -> None:
        try:
            checked = check_export(path, key=options["key"])
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        if options["json"]:
            self.stdout.write(json.dumps(_describe(checked)))
        elif not checked.problem:
            self.stdout.write(f"{checked.events} events, all as they were exported.")
            self.stdout.write(_signature_in_words(checked))
        if checked.problem:
            raise CommandError(f"{checked.problem} The {checked.events} before it fit.")


def _describe(checked: Checked) -> dict[str, object]:
    problem = checked.problem or None
    return {
        "ok": not problem,
        "checked": checked.events,
        "problem": problem,
        "signed_by": checked.signer,
    }


def _signature_in_words(checked: Checked) -> str:
    if checked.signer is None:
        return "Nobody signed it: whoever made it could have made it up."
    return f"Signed by node{checked.signer}."


def _in_words(witness: WitnessStatement) -> str:
    return f"{witness.label} remembers {witness.count} of them, asked {witness.heard_at:%c} UTC."


def _as_json(report: Report, witnesses: list[WitnessStatement]) -> dict[str, object]:
    bad = report.first_bad
    return {
        "ok": report.is_intact,
        "verified_at": report.verified_at.isoformat(),
        "checked": report.checked,
        "head": report.head,
        "first_bad": {"id": bad.id, "reason": bad.reason} if bad else None,
        "witnesses": [
            {"node": each.pk, "count": each.count, "heard_at": each.heard_at.isoformat()}
            for each in witnesses
        ],
    }
