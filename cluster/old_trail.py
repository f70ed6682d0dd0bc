"""Taking a sealed export of the old leader's audit trail along (S59).

Nobody waits for it: the new leader leads already, and fetches it piece by piece from the node that
led before, which gives it only to the node that an administrator has promoted so.
"""

import base64
import binascii
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

import structlog
from django.utils import timezone

from audit.archive import travelling
from audit.archive.importing import import_archive
from audit.archived import directory
from audit.errors import ArchiveInvalid, ArchiveUnsigned
from audit.export.service import export_everything
from cluster import follow_ups
from cluster.errors.leadership import TrailNotPromised
from cluster.models import FollowUp, Operation
from cluster.models.operation import OperationQuerySet
from cluster.transport import Answer, Unreachable, WrongCertificate, get_transport
from cluster.workflows.steps import actor_of
from config.celery import send
from config.errors import DomainError
from nodes import role
from nodes.local_agent import get_local_agent
from nodes.models import Node

PIECE = 2 * 1024 * 1024
PIECES = 20
"""In one run."""
SHARE = 0.5
"""Of the free disk, at most so much for what comes; the import needs about as much again."""
PATIENCE = timedelta(days=1)
PATH = "/agent/v1/audit_export"
ENDED = "trail"
"""In the operation's data: that it is over, and how."""
LEFT_OUT = (
    "Its archives up to event {left_out} are missing or damaged there; what follows them is here."
)
ON_ITS_WAY = "It is here itself; of {count} archives that were opened there, {done} are here."
LOST = "Of the archives that were opened there, {lost} could not be read here; the rest is here."
log = structlog.get_logger(__name__)


def find_promised(operation_id: str) -> Operation:
    """The promotion of the present leader by which it was promised; raises ``TrailNotPromised``."""
    leader = role.current().leader
    promised = _with_export().filter(pk=operation_id, node_id=leader.id if leader else 0)
    operation = promised.first()
    if operation is None:
        raise TrailNotPromised
    return operation


def give(operation_id: str, *, offset: int) -> dict[str, Any]:
    """A piece of the export, which is made when it is first asked for; ``size`` is None until then.

    Asked for what follows the last piece, the file has arrived, and goes; asked again, because the
    answer was lost, there is no more. Raises ``TrailNotPromised``.
    """
    path = _outgoing(find_promised(operation_id))
    if not path.exists():
        if offset:
            return {"size": offset, "piece": ""}
        send("cluster.tasks.seal_trail", operation_id, expires=60)
        return {"size": None, "piece": ""}
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(offset)
        piece = file.read(PIECE)
    if offset >= size:
        path.unlink(missing_ok=True)
    return {"size": size, "piece": base64.b64encode(piece).decode("ascii")}


def seal(operation_id: str) -> None:
    """Make the export, archived events included, in the name of who asked for the promotion."""
    operation = find_promised(operation_id)
    path = _outgoing(operation)
    if path.exists():
        return
    directory().mkdir(mode=0o700, exist_ok=True)
    with _alone(path.with_suffix(".new")) as file:
        if file is None or path.exists():
            return
        file.truncate(0)
        file.writelines(export_everything(actor=actor_of(operation)).chunks)
        file.flush()
        travelling.enclose(path.with_suffix(".new"))
        os.fsync(file.fileno())
        path.with_suffix(".new").replace(path)


def forget_stale() -> None:
    """What nobody came for, on either side."""
    before = (timezone.now() - 2 * PATIENCE).timestamp()
    for path in [*directory().glob("outgoing-*"), *directory().glob("incoming-*")]:
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def fetch() -> bool:
    """Go on with the export that is on its way to this node; whether there is more to do now."""
    operation = find_expected()
    if operation is None:
        return False
    old = Node.objects.filter(pk=operation.parameters["from"]).first()
    try:
        return old is not None and _fetch(operation, old)
    except (ArchiveInvalid, ArchiveUnsigned) as error:
        _conclude(operation, error.detail)
    except DomainError as error:
        log.warning("old_trail_not_fetched", code=error.code, detail=error.detail)
    except (Unreachable, WrongCertificate) as error:
        log.warning("old_trail_not_fetched", detail=str(error))
    return False


def find_expected() -> Operation | None:
    """The promotion of this node that has promised one which is not here yet."""
    own = _with_export().filter(
        node_id=role.current().node_id or 0, state=Operation.State.SUCCEEDED
    )
    recent = own.filter(ended_at__gt=timezone.now() - PATIENCE)
    return recent.exclude(data__has_key=ENDED).order_by("-created_at").first()


def _with_export() -> OperationQuerySet:
    return Operation.objects.filter(kind=Operation.Kind.PROMOTE, parameters__audit_export=True)


def _fetch(operation: Operation, old: Node) -> bool:
    directory().mkdir(mode=0o700, exist_ok=True)
    path = directory() / f"incoming-{operation.pk}.zip"
    with _alone(path) as file:
        return file is not None and _go_on(operation, old, path, file)


def _go_on(operation: Operation, old: Node, path: Path, file: IO[bytes]) -> bool:
    for _ in range(PIECES):
        offset = file.seek(0, os.SEEK_END)
        piece = _read_piece(_ask(old, operation, offset=offset), offset=offset)
        if piece is None:
            return False
        if not piece:
            _take_in(operation, path, old)
            return False
        file.write(piece)
        file.flush()
    return True


def _read_piece(answer: Answer, *, offset: int) -> bytes | None:
    """Nothing behind the last one; None while there is none.

    The node that led before is trusted with no disk of this one: raises ``ArchiveInvalid``.
    """
    size = answer.body.get("size")
    if answer.status != 200 or type(size) is not int:
        return None
    if size > (offset + shutil.disk_usage(directory()).free) * SHARE:
        raise ArchiveInvalid(problem="There is not enough space for it on this machine.")
    try:
        piece = base64.b64decode(str(answer.body.get("piece", "")), validate=True)
    except (binascii.Error, ValueError):
        return None
    return b"" if offset >= size else piece[: size - offset] or None


def _ask(old: Node, operation: Operation, *, offset: int) -> Answer:
    token = get_local_agent().token(audience=f"{role.current().cluster}/{old.pk}")
    body = {"operation": str(operation.pk), "offset": offset}
    network, fingerprint = get_transport(), old.tls_fingerprint
    with network.open_line(old.console_url, fingerprint=fingerprint) as line:
        return line.post(PATH, body, token=token)


def _take_in(operation: Operation, path: Path, old: Node) -> None:
    """Read-only, apart from this node's own trail; what was left to do is done."""
    name = f"{old} until {timezone.now():%F}.zip"
    actor, tell = actor_of(operation), partial(_tell, old)
    try:
        taken, _ = import_archive(path, actor=actor, name=name)
        lost = travelling.take_out(path, taken.manifest, actor=actor, tell=tell)
    finally:
        path.unlink(missing_ok=True)
    left_out = taken.manifest.get("left_out")
    problems = [LEFT_OUT.format(left_out=left_out)] if left_out else []
    problems += [LOST.format(lost=lost)] if lost else []
    _conclude(operation, " ".join(problems))
    if problems:
        return
    follow_ups.settle_by_system(FollowUp.Kind.AUDIT_TRAIL, subject=f"node{old.pk}")


def _tell(old: Node, done: int, count: int) -> None:
    """How far it is, where people look for what is left."""
    left = FollowUp.objects.open().filter(kind=FollowUp.Kind.AUDIT_TRAIL, subject=f"node{old.pk}")
    left.update(detail=ON_ITS_WAY.format(done=done, count=count))


def _conclude(operation: Operation, problem: str) -> None:
    """It is over; a problem is said where people look for what is left."""
    Operation.objects.filter(pk=operation.pk).update(data={**operation.data, ENDED: problem})
    if problem:
        subject = f"node{operation.parameters['from']}"
        left = FollowUp.objects.open().filter(kind=FollowUp.Kind.AUDIT_TRAIL, subject=subject)
        detail = (
            f"The audit trail of {subject} could not be taken along: {problem} Export it there."
        )
        left.update(detail=detail)


def _outgoing(operation: Operation) -> Path:
    return directory() / f"outgoing-{operation.pk}.zip"


@contextmanager
def _alone(path: Path) -> Iterator[IO[bytes] | None]:
    """The file, to write at its end; None while another run does: this one comes every few
    seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            is_there = os.fstat(descriptor).st_nlink  # the other may have ended just now
            yield file if is_there else None
