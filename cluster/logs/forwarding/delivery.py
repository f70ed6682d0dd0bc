"""Sending what the receiver has not taken yet, in batches, each with a connection of its own."""

import json
import time
from pathlib import Path

import structlog

from audit.forwarding import line
from audit.forwarding.errors import ReceiverFailed
from audit.forwarding.message import frame
from audit.forwarding.receiver import Receiver
from cluster.logs.forwarding.batch import Batch, read_batch
from cluster.logs.forwarding.message import format_record
from cluster.logs.forwarding.progress import Progress, alone, load, save
from cluster.logs.question import Question
from cluster.logs.store import folder
from cluster.models import LogForwarding
from nodes.models import Node

log = structlog.get_logger(__name__)


def receiver_of(row: LogForwarding) -> Receiver:
    return Receiver(host=row.host, port=row.port, tls=row.tls, certificate=row.certificate)


def progress_of(row: LogForwarding) -> Progress:
    """How far the files of this machine were taken by the receiver that is set now."""
    name = json.dumps(receiver_of(row).describe(), sort_keys=True)
    return load(folder()).meant_for(name, begun=row.begun_at)


def begin_of(row: LogForwarding) -> str:
    """Since when lines are sent, as records say it."""
    return Question(since=row.begun_at).begin


def forward(*, seconds: float) -> bool:
    """For so long; returns whether there is more that could be sent now.

    On a machine that led before, too: what it has and the receiver has not.
    """
    row, root = LogForwarding.objects.first(), folder()
    if row is None or not root.is_dir():
        return False
    with alone(root) as is_alone:
        progress = progress_of(row)
        return is_alone and progress.is_due and _forward(row, root, progress, seconds=seconds)


def _forward(row: LogForwarding, root: Path, progress: Progress, *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while (batch := read_batch(root, progress.taken, begin=begin_of(row))).taken != progress.taken:
        try:
            progress = _send(receiver_of(row), batch, progress)
        except ReceiverFailed as failure:
            if not progress.failures:
                log.warning("log_receiver_away", code=failure.code, error=failure.detail)
            save(root, progress.after_failure(failure))
            return False
        save(root, progress)
        if time.monotonic() > until:
            return True
    return False


def _send(receiver: Receiver, batch: Batch, progress: Progress) -> Progress:
    """Without records the files have only moved on."""
    is_sealed = progress.is_sealed
    if batch.records:
        hosts = dict(Node.objects.values_list("pk", "fqdn"))
        data = b"".join(frame(format_record(each, hosts=hosts)) for each in batch.records)
        is_sealed = line.send(receiver, data, demand_sealed=is_sealed)
    return progress.after(batch.taken, is_sealed=is_sealed)
