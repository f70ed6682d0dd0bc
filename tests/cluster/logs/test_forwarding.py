"""What a syslog receiver elsewhere gets of all nodes' logs."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.actor import Actor
from audit.forwarding.errors import ReceiverSilent
from audit.forwarding.receiver import Receiver
from cluster import replica
from cluster.logs import replica as logs_replica
from cluster.logs.forwarding import batch, progress
from cluster.logs.forwarding.delivery import forward, progress_of
from cluster.logs.forwarding.message import LARGEST, format_record
from cluster.logs.packing import pack
from cluster.logs.record import read_record
from cluster.models import LogForwarding
from cluster.services.log_forwarding import change_log_forwarding, get_standing, stop_log_forwarding
from tests.audit.rsyslog import rsyslog
from tests.audit.syslog_receivers import FakeReceiver, make_tls, receiving, unframe
from tests.cluster.factories import add_node
from tests.cluster.logs.days import BEGIN, line, write_day
from tests.cluster.logs.receiving import forward_all, send_to, store

__all__ = ["store"]
pytestmark = pytest.mark.django_db
MESSAGE = re.compile(r"<(\d+)>1 (\S+) (\S+) (\S+) - - \[flotilla@32473 (.*?)\] \ufeff(.*)", re.S)
GNUTLS = "*/rsyslog/lmnsd_gtls.so"


@contextmanager
def forwarded() -> Iterator[FakeReceiver]:
    with receiving() as receiver:
        send_to(receiver.port)
        yield receiver


def taken(receiver: FakeReceiver) -> list[str]:
    """The texts that arrived, in order."""
    messages = [each.decode() for data in receiver.taken for each in unframe(data)]
    return [found[6] for found in map(MESSAGE.fullmatch, messages) if found]


def retry_now(root: Path) -> None:
    held = json.loads((root / "forwarding.json").read_text())
    (root / "forwarding.json").write_text(json.dumps(held | {"retry_at": ""}))


def test_lines_of_all_nodes_arrive_in_their_order(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Piece by piece, and what comes later too."""
    monkeypatch.setattr(batch, "PIECE", 1000)
    monkeypatch.setattr(batch, "MOST", 1500)
    for node in (2, 3):
        write_day(store, [line(n, message=f"{node}-{n}") for n in range(50)], node=node)
    with forwarded() as receiver:
        forward_all()
        with (store / "node2" / "2026-11-22.log").open("ab") as log:
            log.write(line(60, message="2-50"))
        forward_all()
    texts = taken(receiver)
    assert [text for text in texts if text[0] == "2"] == [f"2-{n}" for n in range(51)]
    assert [text for text in texts if text[0] == "3"] == [f"3-{n}" for n in range(50)]
    assert len(receiver.taken) > 5
    assert get_standing().behind == 0


def test_message_says_who_said_it_where_and_how_severe(store: Path) -> None:
    """RFC 5424."""
    add_node(fqdn="two.example.org")
    write_day(store, [line(1, message='a "b] \\', severity="3", facility="daemon")])
    with forwarded() as receiver:
        forward_all()
    (message,) = unframe(receiver.taken[0])
    found = MESSAGE.fullmatch(message.decode())
    assert found
    moment = "2026-11-22T10:00:01.000000Z"
    assert found.group(1, 2, 3, 4) == ("27", moment, "two.example.org", "sshd")
    assert 'id="1" node="2"' in found[5]
    assert found[6] == 'a "b] \\'


def test_no_name_can_end_its_field(store: Path) -> None:
    record = read_record(line(1, unit='x"] evil', program="a b\n<1>"), node=2)
    assert record
    message = format_record(record, hosts={}).decode()
    assert ' a?b\\u000a<1> - - [flotilla@32473 id="1" node="2"' in message
    assert r'unit="x\"\] evil"' in message


def test_message_that_is_too_long_is_cut_and_says_so() -> None:
    record = read_record(line(1, message="é" * 60_000), node=2)
    assert record
    message = format_record(record, hosts={})
    assert LARGEST - 2 <= len(message) <= LARGEST
    assert ' cut="true"] ' in message.decode()


def test_what_was_received_before_is_not_sent(store: Path) -> None:
    write_day(store, [line(1)], day="2026-11-21")
    write_day(store, [line(number) for number in range(5)])
    with receiving() as receiver:
        send_to(receiver.port, begun_at=BEGIN + timedelta(seconds=3))
        forward_all()
    assert taken(receiver) == ["line 3", "line 4"]


def test_lines_wait_while_the_receiver_is_away_and_the_last_batch_goes_again(store: Path) -> None:
    """A receiver that fell may have lost what it had read."""
    path = write_day(store, [line(1)])
    with forwarded() as receiver:
        forward_all()
    with path.open("ab") as log:
        log.write(line(2))
    assert not forward(seconds=0)
    assert (get_standing().progress.error_code, get_standing().behind) == (
        "syslog_refused",
        path.stat().st_size,
    )
    assert not forward(seconds=0)
    assert get_standing().progress.failures == 1
    retry_now(store)
    with receiving(port=receiver.port) as again:
        forward_all()
    assert taken(again) == ["line 1", "line 2"]
    assert get_standing().away_since is None


def test_forwarding_goes_on_in_a_day_that_was_packed_and_in_the_next(store: Path) -> None:
    path = write_day(store, [line(1), line(2)])
    with forwarded() as receiver:
        forward_all()
        with path.open("ab") as log:
            log.write(line(3))
        pack(path)
        write_day(store, [line(4, begin=BEGIN + timedelta(days=1))], day="2026-11-23")
        forward_all()
    assert taken(receiver) == ["line 1", "line 2", "line 3", "line 4"]


def test_day_that_is_damaged_or_deleted_holds_up_no_other(store: Path) -> None:
    (store / "node2").mkdir(parents=True)
    (store / "node2" / "2026-11-22.log.zst").write_bytes(b"this was no zstd file")
    tomorrow = write_day(store, [line(1, begin=BEGIN + timedelta(days=1))], day="2026-11-23")
    with forwarded() as receiver:
        forward_all()
        tomorrow.unlink()
        write_day(store, [line(2, begin=BEGIN + timedelta(days=2))], day="2026-11-24")
        forward_all()
    assert taken(receiver) == ["line 1", "line 2"]


def test_two_processes_do_not_send_at_once(store: Path) -> None:
    write_day(store, [line(1)])
    with forwarded() as receiver, progress.alone(store) as is_alone:
        assert is_alone
        forward_all()
    assert receiver.taken == []


def test_next_receiver_gets_what_the_last_had_not_taken(store: Path) -> None:
    write_day(store, [line(1)])
    send_to(9)
    forward_all()
    with receiving() as receiver:
        change_log_forwarding(Receiver("127.0.0.1", receiver.port, tls=False), actor=Actor.system())
        forward_all()
    assert taken(receiver) == ["line 1"]


def test_receiver_that_is_to_be_told_without_tls_now_is_tried_at_once_and_asked_no_seal(
    store: Path,
) -> None:
    write_day(store, [line(1)])
    send_to(9)
    sealed = replace(progress_of(LogForwarding.objects.get()), is_sealed=True)
    progress.save(store, sealed.after_failure(ReceiverSilent(host="127.0.0.1:9")))
    LogForwarding.objects.update(tls=not LogForwarding.objects.get().tls)

    now = progress_of(LogForwarding.objects.get())
    assert (now.is_due, now.is_sealed) == (True, False)


def test_who_stops_and_begins_again_begins_anew(store: Path) -> None:
    """Also with the receiver that was away."""
    write_day(store, [line(1)])
    send_to(9)
    forward_all()
    stop_log_forwarding(actor=Actor.system())
    send_to(9, begun_at=BEGIN + timedelta(seconds=2))
    assert get_standing().away_since is None
    with receiving() as receiver:
        change_log_forwarding(Receiver("127.0.0.1", receiver.port, tls=False), actor=Actor.system())
        forward_all()
    assert receiver.taken == []


def test_next_leader_forwards_what_arrives_there(store: Path) -> None:
    """It holds the settings, and files of its own."""
    with forwarded() as receiver:
        sealed = json.loads(json.dumps(replica.export()))
        logs_replica.restore({})
        assert not LogForwarding.objects.exists()
        logs_replica.restore(sealed["logs"])
        write_day(store, [line(1)])
        forward_all()
    assert taken(receiver) == ["line 1"]


@pytest.mark.skipif(not shutil.which("rsyslogd", path="/usr/sbin"), reason="no rsyslogd here")
@pytest.mark.skipif(not list(Path("/usr/lib").glob(GNUTLS)), reason="no rsyslog-gnutls here")
def test_rsyslog_takes_every_line_over_tls_although_it_is_killed(
    store: Path, tmp_path: Path
) -> None:
    _, certificate = make_tls(tmp_path)
    path = write_day(store, [line(number) for number in range(300)])
    with rsyslog(tmp_path, tls=True) as receiver:
        place = Receiver("localhost", receiver.port, certificate=certificate)
        change_log_forwarding(place, actor=Actor.system())
        LogForwarding.objects.update(begun_at=BEGIN)
        forward_all()
        receiver.kill()
        with path.open("ab") as log:
            log.writelines(line(number) for number in range(300, 600))
        forward_all()
        receiver.start()
        retry_now(store)
        forward_all()
    kept = (tmp_path / "received").read_bytes().decode().splitlines()
    texts = {found[6] for found in map(MESSAGE.fullmatch, kept) if found}
    assert texts == {f"line {number}" for number in range(600)}
