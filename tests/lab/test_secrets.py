"""After a full run no secret is anywhere that it must not be (S49, S53).

Passwords, codes, tokens, join secrets and keys are looked for in the arguments and environments of
all processes, in what the brokers were told, and in every file of every node: databases with their
audit trails, logs, states, exports.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.lab import eavesdropping, fleet, membership, people, rows
from tests.lab.client import Answer
from tests.lab.eavesdropping import Overheard
from tests.lab.fleet import Fleet
from tests.lab.host import Host, expect
from tests.lab.lab import Lab
from tests.lab.people import Person, otp

pytestmark = pytest.mark.lab
GIVEN, GUESSED = "Nethesis,1234", "guessed but by no means right"
RESET = {"user": "bob", "set": {"password": GIVEN, "2fa": False}}


@dataclass(frozen=True)
class Run:
    """What was heard while it ran, and every secret that was in use."""

    ships: Fleet
    heard: Overheard
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def run(make_lab: Callable[..., Lab]) -> Run:
    """Create, join, people with and without a second factor, root's reset, promotion, export."""
    lab = make_lab(nodes=2, joined=0)
    secrets: dict[str, str] = {}
    with eavesdropping.eavesdropping(lab) as heard:
        leader, worker = lab.hosts
        secrets["recovery key"] = membership.create(leader, max_nodes=4)
        code = membership.join_code(leader)
        secrets["join code"] = code
        secrets["join secret"] = secret_of(code)
        membership.succeed(worker, membership.ask_to_join(worker, code=code))
        ships = fleet.knowing(lab, live(leader, secrets))
        secrets["lab's token"] = ships.token
        reset_by_root(leader, secrets)
        ships.wait_until_whole(size=2)
        assert ships.promote(2)["state"] == "succeeded"
        exported = expect(ships.api("GET", "audit/events/export/?format=csv", timeout=60), 200)
    heard.note("export", exported.text.encode())
    for host in lab.hosts:
        secrets |= eavesdropping.own_keys(host)
        secrets[f"password of {host.name}"] = host.administrator["password"]
    return Run(ships, heard, secrets)


def secret_of(code: str) -> str:
    """The part of a join code that opens the door."""
    text = code.partition(".")[2]
    return str(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))["secret"])


def live(leader: Host, secrets: dict[str, str]) -> str:
    """A day of two administrators; returns a token for the rest of it."""
    admin = people.first(leader)
    token = admin.make_token("lab")
    bob = admin.create("bob", password="staple the battery")
    bob.enable_two_factor()
    used = otp(bob.secret)
    bob.log_in(code=bob.recovery_codes[0])
    prove(bob, bob.recovery_codes[1])
    for code in ("", "no code at all", used):
        refuse(bob, password=bob.password, code=code)
    refuse(bob, password=GUESSED, code="")
    secrets |= {
        "admin's login": admin.token,
        "bob's password": bob.password,
        "bob's login": bob.token,
        "bob's token": bob.make_token("programs"),
        "bob's key": bob.secret,
        "bob's key in hex": base64.b32decode(bob.secret).hex(),
        "guessed password": GUESSED,
    }
    secrets |= {f"recovery code {n}": text for n, text in enumerate(bob.recovery_codes)}
    return token


def prove(person: Person, code: str) -> None:
    """Step-up."""
    person.ask("POST", "account/proof/", {"password": person.password, "otp": code}, 204)


def refuse(person: Person, *, password: str, code: str) -> None:
    given = {"username": person.username, "password": password, "otp": code}
    answer: Answer = person.host.request("POST", "/api/v1/auth/login/", given)
    expect(answer, 401)


def reset_by_root(leader: Host, secrets: dict[str, str]) -> None:
    """In the two ways that keep a password out of the process list, and used."""
    leader.exec("bin/api-cli", "run", "alter-user", "--data", "-", stdin=json.dumps(RESET))
    bob = Person(leader, "bob", GIVEN)
    bob.log_in()
    bob.change_password("staple it once more")
    said = leader.exec("python", "manage.py", "reset_password", "bob", "--json").stdout
    secrets["given password"] = GIVEN
    secrets["changed password"] = bob.password
    secrets["drawn password"] = json.loads(said)["one_time_password"]


def test_enough_was_seen_to_say_anything(run: Run) -> None:
    """The needles are long, the haystack has everything in it."""
    assert {name for name, secret in run.secrets.items() if len(secret) < 10} == set()
    everywhere = {"a manage.py": "reset_password", "a task": "cluster.tasks"}
    assert {where for _, where in run.heard.find(everywhere)} >= {"cmdline", "broker"}
    assert run.heard.seen.keys() == {"cmdline", "environ", "broker", "export"}
    assert rows.events(run.ships.lab.hosts[0], "auth.login.failed")


def test_no_process_and_no_message_shows_a_secret(run: Run) -> None:
    assert run.heard.find(run.secrets) == set()


def test_no_file_holds_a_secret(run: Run) -> None:
    """Databases, logs, states, sockets' neighbours: but for the files of the keys themselves."""
    found = {
        host.name: eavesdropping.find_in_files(host, run.secrets) for host in run.ships.lab.hosts
    }
    assert found == {host.name: set() for host in run.ships.lab.hosts}
