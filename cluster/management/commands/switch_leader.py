"""``manage.py switch_leader --node N [--endpoint name:port]``: the leader is lost (S39, S41)."""

import argparse
import sys
import time
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from joserfc.jwk import OKPKey

from audit.actor import Actor
from cluster import claims, recovery_key
from cluster.management.root import LOOK_EVERY, ClusterCommand
from cluster.services import reasserting, returning, switching
from cluster.services.switching import Course, Loss, Switched
from nodes import role
from nodes.local_agent import AgentRefused
from nodes.names import parse_endpoint

TIMEOUT = 60
APPROVED_ONLY = 3
"""Exit code: the approval stands, and this node does not follow yet."""
AGAINST = "Nodes that follow another leader need the same command."


class Command(ClusterCommand):
    """Makes this node lead, or follow the node that shall lead; needs this machine's agent only."""

    help = "Switch the cluster to another leader: run it as root on every worker, in any order."
    leader_only = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--node", type=int, required=True, help="number of the node to lead")
        parser.add_argument("--endpoint", help="name:port where the others reach its VPN, if new")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--recovery-key",
            metavar="FILE",
            help="file with the cluster's recovery key, or - for standard input; "
            "then the other nodes follow without a visit",
        )
        parser.add_argument(
            "--timeout", type=_seconds, default=TIMEOUT, help="seconds to wait until this follows"
        )

    def run_as_root(self, options: dict[str, Any]) -> None:
        node, endpoint = options["node"], options["endpoint"]
        if endpoint is not None:
            parse_endpoint(endpoint)
        match switching.choose(node):
            case Course.LEAD:
                self._lead(options)
            case Course.REASSERT:
                self._reassert(options)
            case Course.FOLLOW:
                self._follow(node, timeout=options["timeout"])

    def _lead(self, options: dict[str, Any]) -> None:
        key = _read_key(options["recovery_key"])
        switching.check_recovery_key(key)
        survey = switching.survey_others()
        self.say(_in_words(switching.describe_loss()))
        if not options["yes"]:
            self.say(*survey.findings())
        self._ask("Lead the cluster with this state?", options)
        self.say("Importing the state, and taking the lead …")
        switched = switching.lead_here(
            actor=Actor.root(), endpoint=options["endpoint"], recovery_key=key
        )
        if options["yes"]:
            self.say(*survey.findings())
        self._finish(switched, Course.LEAD, next_step=_next_step(has_key=key is not None))

    def _reassert(self, options: dict[str, Any]) -> None:
        self.say(claims.in_words(role.current()))
        self._ask("Go on leading, with a later term than theirs?", options)
        switched = reasserting.reassert(actor=Actor.root())
        self._finish(switched, Course.REASSERT, next_step=AGAINST)

    def _follow(self, node: int, *, timeout: float) -> None:
        late = returning.find_late_writes().count()
        if late:
            self.say(f"{late} changes were made on this node too late. They are kept aside.")
        above_term = _approve(node)
        if above_term is not None and not self._await(node, above_term, timeout=timeout):
            self._give_up(node, timeout=timeout)
        answer = {"course": Course.FOLLOW, "leader": node, "following": True, "late_changes": late}
        self.answer(answer, text=f"This node follows node{node}.")

    def _await(self, node: int, above_term: int, *, timeout: float) -> bool:
        """Wait until this node follows, saying what it waits for."""
        until, since, said = time.monotonic() + timeout, timezone.now(), ""
        while not switching.has_followed(node, above_term=above_term):
            if time.monotonic() >= until:
                return False
            line = switching.describe_wait(node, since=since)
            if line != said:
                self.say(line)
            said = line
            time.sleep(LOOK_EVERY)
        return True

    def _give_up(self, node: int, *, timeout: float) -> None:
        if self.speaks_json:
            self.answer({"course": Course.FOLLOW, "leader": node, "following": False}, text="")
        raise CommandError(
            f"node{node} does not lead yet, after {timeout:g} seconds. The approval stays: this "
            f"node follows node{node} by itself as soon as it leads. "
            f"Run the same command on node{node}, if you have not yet.",
            returncode=APPROVED_ONLY,
        )

    def _finish(self, switched: Switched, course: Course, *, next_step: str) -> None:
        answer = {
            "course": course,
            "leader": switched.leader,
            "term": switched.term,
            "generation": switched.generation,
        }
        text = f"node{switched.leader} leads the cluster in term {switched.term}. {next_step}"
        self.answer(answer, text=text)

    def _ask(self, question: str, options: dict[str, Any]) -> None:
        if options["yes"]:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to be asked. Say --yes to go on; nothing was done.")
        if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was done.")


def _approve(node: int) -> int | None:
    """The term above which that node may lead; None where this node follows it already."""
    try:
        return switching.follow(actor=Actor.root(), node_id=node)
    except AgentRefused as refused:
        if refused.code == "node_is_already_leader":
            return None
        raise


def _next_step(*, has_key: bool) -> str:
    if has_key:
        return "The other nodes follow by themselves."
    number = role.current().node_id
    return f"Run switch-leader --node {number} on the other workers too, if you have not yet."


def _read_key(source: str | None) -> OKPKey | None:
    if source is None:
        return None
    if source == "-":
        text = getpass("Recovery key: ") if sys.stdin.isatty() else sys.stdin.read()
        return recovery_key.parse(text)
    try:
        return recovery_key.parse(Path(source).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The recovery key cannot be read: {error}") from None


def _in_words(loss: Loss) -> str:
    return (
        f"This node holds the cluster's state {loss.term}.{loss.generation}, which was issued "
        f"{_ago(loss.age.total_seconds())} ago ({loss.issued_at:%F %T} UTC). "
        "What was changed after that is lost."
    )


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError("a number of seconds, 0 or more")
    return seconds
