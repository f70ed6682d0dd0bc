"""A million audit events in a minute: 30 users, 120 actions, skewed, 300 bytes of details."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.db import connection

from audit.actions import AuditAction
from audit.canonical import canonical_json
from audit.chain import GENESIS, event_hash
from audit.fields import HexField
from audit.models import AuditEvent, AuditHead
from audit.searchable import search_text

USERS = [f"user{number:02}" for number in range(30)]
OWN = [action.value for action in AuditAction]
ACTIONS = [f"part{number % 12}.thing{number}.changed" for number in range(120 - len(OWN))] + OWN
"""The first often, the last rarely."""
START = datetime(2021, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=158)
"""A million of them are five years."""
SALT = "00" * 16
ARCHAEOLOGY = "potsherd"
"""A word that only the oldest fifth has."""
RARE = "needle-in-hay"
"""A word that one event in 20,000 has."""
COLUMNS = [field.attname for field in AuditEvent._meta.concrete_fields]
DIGITS = {
    field.attname for field in AuditEvent._meta.concrete_fields if isinstance(field, HexField)
}
REFERENCE = (
    'CREATE TABLE reference (id bigint, "user" text, action text, data text, timestamp text,'
    " PRIMARY KEY (id))",
    'INSERT INTO reference SELECT id, "user", action, details, CAST(time AS text)'
    " FROM audit_auditevent",
    "ANALYZE",
)
"""As the reference keeps its history: nothing but the key is indexed."""


def fill(number: int) -> None:
    """Write so many events, and the reference's table of the same."""
    connection.ensure_connection()
    names = ", ".join(f'"{column}"' for column in COLUMNS)
    (_copy if connection.vendor == "postgresql" else _insert)(names, _rows(number))
    with connection.cursor() as cursor:
        for statement in REFERENCE:
            cursor.execute(statement)
    last = AuditEvent.objects.latest("id")
    AuditHead.objects.create(last_id=last.pk, last_time=last.time, last_hash=last.hash)


def _insert(names: str, rows: Iterator[tuple[object, ...]]) -> None:
    places = ", ".join("?" * len(COLUMNS))
    database = connection.connection
    database.execute("BEGIN")
    database.executemany(f"INSERT INTO audit_auditevent ({names}) VALUES ({places})", rows)
    database.execute("COMMIT")


def _copy(names: str, rows: Iterator[tuple[object, ...]]) -> None:
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY audit_auditevent ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _rows(number: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(7)
    event = AuditEvent(
        term=1,
        user_kind="administrator",
        verified="password",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        interface="console",
        details_salt=SALT,
    )
    previous = GENESIS
    for pk in range(1, number + 1):
        _fill_in(event, pk, chance, oldest=pk <= number // 5)
        event.hash = previous = event_hash(event, previous=previous)
        yield _as_row(event)


def _fill_in(event: AuditEvent, pk: int, chance: random.Random, *, oldest: bool) -> None:
    node = int(chance.random() ** 3 * 30) + 1
    event.pk = pk
    event.time = START + pk * STEP
    event.user = USERS[int(chance.random() ** 3 * 30)]
    event.action = ACTIONS[int(chance.random() ** 3 * 120)]
    event.outcome = "ok" if chance.random() < 0.97 else "denied"
    event.target_kind, event.target_id, event.node = "node", str(node), node
    event.target_label = f"node{node}.example.org"
    event.source = f"192.0.2.{int(chance.random() ** 3 * 40) + 1}"
    event.request_id = f"{chance.getrandbits(128):032x}"
    event.details = _details(pk, chance, oldest=oldest)
    text = canonical_json(event.details)
    event.details_digest = sha256(bytes.fromhex(SALT) + text.encode()).hexdigest()
    event.search_text = search_text(event)


def _details(pk: int, chance: random.Random, *, oldest: bool) -> dict[str, object]:
    note = f"ticket {chance.getrandbits(40):010x}"
    if oldest and pk % 1000 == 0:
        note += f" {ARCHAEOLOGY}"
    if pk % 20_000 == 7:
        note += f" {RARE}"
    return {
        "before": {"label": f"web-{chance.randrange(500)}", "port": chance.randrange(1, 3) * 1000},
        "after": {"label": f"web-{chance.randrange(500)}", "ref": f"{chance.getrandbits(96):024x}"},
        "certificate": "validated by the authority of the cluster",
        "reason": "moved to the other rack because of the new power supply",
        "port": chance.randrange(5),
        "note": note,
        "path": f"/etc/wireguard/peers/{chance.randrange(200)}.conf",
    }


def _as_row(event: AuditEvent) -> tuple[object, ...]:
    values = vars(event)
    return tuple(
        canonical_json(value)
        if name == "details"
        else bytes.fromhex(value)
        if name in DIGITS and connection.vendor == "postgresql"
        else value.replace(tzinfo=None).isoformat(" ")
        if name == "time"
        else value
        for name, value in ((column, values[column]) for column in COLUMNS)
    )
