"""The manual's six stories in the browser alone, by mouse and again by keyboard alone."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser.hands import Hand, Keyboard, Mouse
from tests.browser.telephone import Telephone
from tests.browser.visitors import Visitor
from tests.browser.watching import launch, watched_page
from tests.lab import clocks, membership, provision
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.people import Person

pytestmark = pytest.mark.browser
Visit = Callable[[], AbstractContextManager[Visitor]]
LOOKED = 15_000
"""Milliseconds until every node has said what it sees."""
MOVED = 20_000
"""Milliseconds until a page of the old leader has gone on at the new one."""
ENDED = 40_000
HANDS, IDS = (Mouse(), Keyboard()), ("mouse", "keyboard")
CHOSEN = "three boats and a 7th"
OLD_REMOVAL = """
import django; django.setup()
from audit.actions import AuditAction
from audit.actor import Actor, Target
from audit.services import record
gone = Target(kind="node", id="9", label="lighthouse.lab.test", node=9)
record(AuditAction.NODE_REMOVED, actor=Actor.root(), target=gone)
"""


@pytest.fixture(scope="module")
def fleet(make_lab: Callable[..., Lab]) -> Lab:
    """Node 1, which has a past, leads node 2; node3 belongs to nobody."""
    made = make_lab(nodes=3, joined=0)
    first, second = made.hosts[:2]
    give_past(made, first)
    membership.create(first)
    membership.join(second, leader=first)
    return made


def give_past(lab: Lab, host: Host) -> None:
    """Install it anew, and record a removal, by programs whose clock is at last Tuesday's noon."""
    away = last_tuesday() - datetime.now(UTC)
    shutil.rmtree(lab.template)
    clocks.turn(host.directory, seconds=int(away.total_seconds()))
    provision.make_template(host, into=lab.template)
    host.exec("env", f"FLOTILLA_STATE_DIR={lab.template}", "python", "-c", OLD_REMOVAL)
    clocks.turn(host.directory, seconds=0)
    lab.start_new(host)


def last_tuesday() -> datetime:
    """Before today, at noon."""
    now = datetime.now(UTC).replace(hour=12)
    return now - timedelta(days=(now.weekday() - 1) % 7 or 7)


@pytest.fixture(scope="module")
def fleet_browser(playwright: Playwright, fleet: Lab) -> Iterator[Browser]:
    browser = launch(playwright, fleet.client.wrap("/usr/bin/chromium"))
    yield browser
    browser.close()


@pytest.fixture(scope="module", params=HANDS, ids=IDS)
def hand(request: pytest.FixtureRequest) -> Hand:
    """One for all stories but the last, which moves the lead: the trail stays behind."""
    used: Hand = request.param
    return used


@pytest.fixture
def visit(fleet_browser: Browser, hand: Hand) -> Visit:
    """Open a page as a new visitor, who may speak to the lab's hosts only."""
    return partial(visiting, fleet_browser, hand)


@contextmanager
def visiting(browser: Browser, hand: Hand) -> Iterator[Visitor]:
    with watched_page(browser, hosts=lambda name: name.endswith(".lab.test")) as page:
        yield Visitor(page, hand)


@pytest.fixture
def leader(fleet: Lab) -> Host:
    """Whichever node leads now."""
    return next(host for host in fleet.hosts if host.role == "leader")


@pytest.fixture
def admin(fleet: Lab) -> dict[str, str]:
    """The cluster's administrator, whichever node leads."""
    return fleet.hosts[0].administrator


@pytest.fixture
def machine(fleet: Lab) -> Host:
    """The one that comes and goes; it belongs to nobody."""
    host = fleet.hosts[2]
    if host.role != "uninitialised":
        fleet.start_new(host)
    return host


@pytest.fixture
def member(fleet: Lab, leader: Host) -> Host:
    """The one that comes and goes; it is a worker."""
    host = fleet.hosts[2]
    if host.role != "worker":
        membership.join(host, leader=leader)
    return host


@pytest.fixture
def name() -> str:
    """A user name that nobody had before."""
    return f"sailor-{token_hex(3)}"


def test_node_is_added(leader: Host, machine: Host, admin: dict[str, str], visit: Visit) -> None:
    """S6, S7, S9 to S12: a code from one page, pasted into the other; the list shows it."""
    with visit() as console, visit() as worker:
        console.log_in(leader.url, **admin)
        console.go("Nodes")
        console.push("Add node to cluster")
        code = console.page.get_by_role("textbox", name="Join code").inner_text()
        worker.log_in(machine.url, **machine.administrator)
        worker.follow("Join cluster")
        expect(worker.page.get_by_label("FQDN")).to_have_value(machine.fqdn)
        worker.write("Join code", code)
        worker.push("Join cluster")
        expect(console.said("Used")).to_be_visible(timeout=ENDED)
        console.go("Nodes")
        row = console.page.get_by_role("row").filter(has_text=machine.fqdn)
        expect(row.get_by_text("Online")).to_be_visible(timeout=ENDED)
        worker.page.goto(machine.url)
        leading = worker.page.get_by_role("link", name="Open the leader's console")
        expect(leading).to_have_attribute("href", leader.url)


def test_node_is_removed(leader: Host, member: Host, admin: dict[str, str], visit: Visit) -> None:
    """S15 to S22: listed, typed, gone; its own page says so, and gives it a clean start."""
    node = f"node{member.node_id}"
    with visit() as console, visit() as worker:
        console.log_in(leader.url, **admin)
        console.choose(node=node, entry="Remove from cluster")
        console.follow("Cancel")
        expect(console.page.get_by_role("link", name=node, exact=True)).to_be_visible()
        console.choose(node=node, entry="Remove from cluster")
        confirm(console, node=node, button="I understand, remove node")
        expect(console.said(f"{node} is no member any more")).to_be_visible(timeout=ENDED)
        console.go("Nodes")
        expect(console.page.get_by_role("link", name=node, exact=True)).to_have_count(0)
        settle(console, reminder="Shut the removed node down")
        worker.page.goto(member.url)
        expect(worker.said("This machine was removed from its cluster")).to_be_visible()
        worker.follow("Clean start")
        worker.give_password(**member.administrator)
        confirm(worker, node=node, button="Forget the cluster and start anew")
        expect(worker.page.get_by_role("link", name="Join cluster")).to_be_visible()


def confirm(visitor: Visitor, *, node: str, button: str) -> None:
    """The button waits for the name, and for the name again when it was altered (S20, S35)."""
    waiting = visitor.page.get_by_role("button", name=button)
    expect(waiting).to_be_disabled()
    visitor.write(f"Type {node} to confirm", node)
    expect(waiting).to_be_enabled()
    visitor.page.keyboard.type("3")
    expect(waiting).to_be_disabled()
    visitor.page.keyboard.press("Backspace")
    visitor.push(button)


def settle(visitor: Visitor, *, reminder: str) -> None:
    """It goes when somebody says that it is done (S22)."""
    item = visitor.page.get_by_role("listitem").filter(has_text=reminder)
    expect(item).to_be_visible()
    visitor.hand.press(item.get_by_role("button", name="Mark as done"))
    expect(item).to_have_count(0)


def test_administrator_is_created_and_deleted(
    leader: Host, admin: dict[str, str], name: str, visit: Visit
) -> None:
    """S37 to S43: a password that works once, a choice of their own, and out at once."""
    with visit() as console, visit() as mate:
        console.log_in(leader.url, **admin)
        console.go("Cluster administrators")
        console.follow("Create admin")
        console.write("User name", name)
        console.push("Create admin")
        expect(console.heading(f"{name} was created")).to_be_visible()
        once = console.page.locator("output").inner_text()
        mate.log_in(leader.url, username=name, password=once)
        choose_password(mate, once)
        mate.go("Nodes")
        console.go("Cluster administrators")
        console.follow(f"Edit {name}")
        console.follow(f"Delete {name}")
        expect(console.heading(f"Delete {name}?")).to_be_visible()
        console.push(f"Delete {name}")
        expect(console.heading("Cluster administrators")).to_be_visible()
        expect(console.page.get_by_role("row").filter(has_text=name)).to_have_count(0)
        expect(mate.page).to_have_url(re.compile("/login/"))


def choose_password(visitor: Visitor, once: str) -> None:
    """What stands between the one-time password and all the rest."""
    expect(visitor.heading("Choose your password")).to_be_visible()
    visitor.write("Current password", once)
    visitor.write("New password", CHOSEN)
    visitor.write("New password, once more", CHOSEN)
    visitor.push("Set password")


def test_second_factor_is_enabled_and_lets_one_in(
    leader: Host, admin: dict[str, str], name: str, visit: Visit
) -> None:
    """S44 to S50: what a telephone scans makes the codes; the next login asks for one."""
    captain = Person(leader, admin["username"], admin["password"])
    captain.log_in()
    captain.create(name, password=CHOSEN)
    with visit() as sailor:
        sailor.log_in(leader.url, username=name, password=CHOSEN)
        sailor.go("Account")
        sailor.follow("Enable 2FA")
        sailor.write("Your password", CHOSEN)
        sailor.push("Go on")
        telephone = Telephone.scanning(sailor.page.get_by_alt_text("QR code of the key"))
        sailor.write("Code", telephone.code())
        sailor.push("Verify code")
        expect(sailor.heading("Keep your recovery codes")).to_be_visible()
        sailor.follow("I have stored them")
        sailor.hand.press(sailor.page.get_by_role("button", name="Log out"))
        expect(sailor.heading("Log in")).to_be_visible()
        sailor.log_in(leader.url, username=name, password=CHOSEN)
        expect(sailor.heading("One more step")).to_be_visible()
        sailor.write("Code", telephone.next_code())
        sailor.push("Verify")
        expect(sailor.heading("Overview")).to_be_visible()


def test_last_tuesdays_removal_is_found(leader: Host, admin: dict[str, str], visit: Visit) -> None:
    """S55 to S57: by user, date, action and text, among all that happened since."""
    tuesday = last_tuesday()
    with visit() as console:
        console.log_in(leader.url, **admin)
        console.go("Audit trail")
        console.pick("User", f"root@{leader.fqdn}")
        console.pick("Action", "removed a node")
        console.write("Since", f"{tuesday:%F}")
        console.write("Until", f"{tuesday:%F}")
        console.write("Text", "lighthouse")
        console.push("Filter")
        found = console.page.get_by_role("row").filter(has_text="lighthouse.lab.test")
        expect(found).to_have_count(1)
        expect(console.said("1 event")).to_be_visible()
        console.hand.press(found.locator("summary"))
        expect(found).to_contain_text("Root shell")


@pytest.mark.parametrize("last_hand", HANDS, ids=IDS)
def test_lead_moves_and_the_page_goes_with_it(
    fleet: Lab, leader: Host, admin: dict[str, str], fleet_browser: Browser, last_hand: Hand
) -> None:
    """S30 to S36: typed, looked at, moved; the browser ends logged in at the new leader."""
    candidate = next(host for host in fleet.hosts[:2] if host.role == "worker")
    with visiting(fleet_browser, last_hand) as console:
        console.log_in(leader.url, **admin)
        console.choose(node=candidate.name, entry="Promote to leader")
        expect(console.said(f"Every node reaches {candidate.name}.")).to_be_visible(timeout=LOOKED)
        expect(console.page.get_by_label("VPN public address")).to_have_value(candidate.fqdn)
        confirm(console, node=candidate.name, button=f"Promote {candidate.name} to leader")
        expect(console.page).to_have_url(re.compile(f"^{candidate.url}/login/"), timeout=MOVED)
        console.give_password(**admin)
        expect(console.page).to_have_url(re.compile(f"^{candidate.url}/operations/"))
        leads = console.said(f"{candidate.name} leads the cluster now.")
        expect(leads).to_be_visible(timeout=ENDED)
        console.go("Nodes")
        expect(console.said(re.compile("nodes are online"))).to_be_visible(timeout=ENDED)
        expect(console.said("Set the backup password again").first).to_be_visible()
