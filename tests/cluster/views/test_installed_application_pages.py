"""The console's pages about applications that are installed from here."""

from typing import Any

import pytest
from django.test import Client

from cluster.models import ApplicationPolicy, Cluster, InstalledApplication, Operation
from nodes.models import Contact
from tests.accounts.factories import log_in_directly, make_administrator, make_auditor
from tests.cluster.factories import add_node, carry_on, hear_from
from tests.cluster.installing import answer, installed

pytestmark = pytest.mark.django_db
INSTALL = "/applications/install/"


@pytest.fixture
def browser(cluster: Cluster) -> Client:
    """An administrator's, who has just proven who they are; node 2 is heard."""
    add_node(2, label="Harbour")
    hear_from(2)
    client = Client()
    log_in_directly(client, make_administrator("ann"))
    return client


def newest() -> Operation:
    return Operation.objects.latest("created_at")


def test_catalogue_has_every_template_and_ones_own_image(browser: Client) -> None:
    text = browser.get(INSTALL).text
    assert {f"{INSTALL}postgres/" in text, "/applications/image/" in text} == {True}
    assert "docker.io/library/nginx:1.27-alpine" in text


def test_form_has_the_fields_of_the_schema(browser: Client) -> None:
    text = browser.get(f"{INSTALL}postgres/?node=2").text
    assert 'name="port" value="5432"' in text
    assert 'type="password" name="POSTGRES_PASSWORD"' in text
    assert "node2 (Harbour)" in text


def test_unknown_template_is_not_found(browser: Client) -> None:
    assert browser.get(f"{INSTALL}nothing/").status_code == 404


def test_template_is_installed_and_its_operation_shown(browser: Client) -> None:
    secret = "correct horse battery"
    form = {"node": 2, "name": "db", "port": 5432, "bind": "vpn", "memory": 512}
    form |= {"database": "app", "user": "app", "POSTGRES_PASSWORD": secret}
    shown = browser.post(f"{INSTALL}postgres/", form, follow=True)
    assert newest().parameters["definition"]["secrets"] == ["POSTGRES_PASSWORD"]
    assert secret not in str(newest().parameters)
    assert "Install db on node2" in shown.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "No Name", "a to z"),
        ("port", 70000, "65535"),
        ("database", "1; DROP", "valid"),
        ("POSTGRES_PASSWORD", "short", "12"),
        ("node", 99, "valid choice"),
    ],
)
def test_bad_entry_is_refused_beside_its_field(
    field: str, value: Any, said: str, browser: Client
) -> None:
    form = {"node": 2, "name": "db", "port": 5432, "bind": "vpn", "memory": 512}
    form |= {"database": "app", "user": "app", "POSTGRES_PASSWORD": "correct horse battery"}
    shown = browser.post(f"{INSTALL}postgres/", form | {field: value})
    assert (shown.status_code, said in shown.text) == (200, True)
    assert not Operation.objects.filter(kind="install_application").exists()


def test_offline_node_is_refused_in_words(browser: Client) -> None:
    Contact.objects.filter(node_id=2).update(last_contact=None)
    form = {"node": 2, "name": "me", "port": 8081, "greeting": "hi"}
    assert "Try again when it is online." in browser.post(f"{INSTALL}whoami/", form).text


def test_own_image_is_installed_as_it_was_written(browser: Client) -> None:
    form = {
        "node": 2,
        "name": "web",
        "image": "localhost/site:1",
        "ports": "8080:80\nvpn:389:389/tcp",
        "volumes": "data:/data\n./conf:/etc/web:ro",
        "environment": "MODE=calm=seas",
        "secrets": "TOKEN=hunter2",
        "command": 'serve "a b"',
        "memory": 64,
        "health": "http",
        "health_port": 80,
        "health_path": "/up",
    }
    browser.post("/applications/image/", form)
    wanted = newest().parameters["definition"]
    assert [(port["host"], port["bind"]) for port in wanted["ports"]] == [
        (8080, "all"),
        (389, "vpn"),
    ]
    assert [(each["name"], each["source"]) for each in wanted["volumes"]] == [
        ("data", ""),
        ("", "conf"),
    ]
    assert (wanted["environment"], wanted["secrets"]) == ({"MODE": "calm=seas"}, ["TOKEN"])
    assert wanted["command"] == ["serve", "a b"]
    assert wanted["health"] == {"kind": "http", "port": 80, "path": "/up", "seconds": 60}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ports", "eighty"),
        ("volumes", "data"),
        ("environment", "MODE"),
        ("secrets", "=x"),
        ("command", '"open'),
        ("image", "nginx"),
        ("health", "http"),
        ("volumes", "/etc:/etc"),
    ],
)
def test_bad_line_is_refused(field: str, value: str, browser: Client) -> None:
    form = {"node": 2, "name": "web", "image": "localhost/site:1", "health": "none"}
    shown = browser.post("/applications/image/", form | {field: value})
    assert shown.status_code == 200
    assert not Operation.objects.filter(kind="install_application").exists()


def test_privileges_are_offered_only_where_they_are_allowed(browser: Client) -> None:
    assert 'name="privileged"' not in browser.get("/applications/image/").text
    ApplicationPolicy.objects.create(privileged=True)
    assert 'name="privileged"' in browser.get("/applications/image/").text


def test_page_shows_it_and_no_secret(browser: Client) -> None:
    installed(given={"TOKEN": "hunter2"}, environment={"MODE": "<b>calm</b>"})
    told = {"web": {"health": "unhealthy", "detail": "port 80 does not answer."}}
    Contact.objects.filter(node_id=2).update(health={"applications": told})
    text = browser.get("/applications/2/web/").text
    assert "port 80 does not answer." in text
    assert "MODE=&lt;b&gt;calm&lt;/b&gt;" in text
    assert "TOKEN" in text
    assert "hunter2" not in text
    assert 'href="/applications/2/web/"' in browser.get("/applications/").text


@pytest.mark.parametrize(
    ("told", "shown"),
    [("systemd", "as a Quadlet unit"), ("agent", "the node's agent"), ("\x1b", "")],
    ids=["systemd", "agent", "nonsense"],
)
def test_page_says_who_keeps_it_running(browser: Client, told: str, shown: str) -> None:
    installed()
    health = {"applications": {"web": {"kept_by": told}}}
    Contact.objects.filter(node_id=2).update(health=health)
    page = browser.get("/applications/2/web/").content.decode()
    assert ("Kept running by" in page) is bool(shown)
    assert shown in page


@pytest.mark.parametrize("told", [None, [], {"web": 7}, {"web": {"health": 1, "detail": "\x1b"}}])
def test_nonsense_of_a_node_is_shown_as_nothing(told: Any, browser: Client) -> None:
    installed()
    Contact.objects.filter(node_id=2).update(health={"applications": told})
    text = browser.get("/applications/2/web/").text
    assert ("Not checked" in text, "\x1b" in text) == (True, False)


def test_application_that_is_not_ours_has_no_page(browser: Client) -> None:
    assert browser.get("/applications/2/other/").status_code == 404


@pytest.mark.parametrize("state", ["stopped", "restarted"])
def test_button_changes_the_state(state: str, browser: Client) -> None:
    installed()
    browser.post("/applications/2/web/state/", {"state": state})
    assert newest().parameters["action"] == state


def test_button_says_why_it_cannot(browser: Client) -> None:
    installed()
    Contact.objects.filter(node_id=2).update(last_contact=None)
    shown = browser.post("/applications/2/web/state/", {"state": "stopped"}, follow=True)
    assert "Try again when it is online." in shown.text


def test_change_starts_from_what_is(browser: Client) -> None:
    installed(ports=[{"container": 80, "host": 8080}], environment={"A": "1"})
    url = "/applications/2/web/change/"
    text = browser.get(url).text
    assert "8080:80/tcp" in text
    form = {"image": "localhost/site:2", "health": "none", "environment": "A=2"}
    browser.post(url, form)
    wanted = newest().parameters
    assert wanted["definition"]["image"] == "localhost/site:2"
    assert (wanted["action"], wanted["definition"]["ports"]) == ("change", [])


def test_wiping_needs_the_name_and_removal_says_so(browser: Client) -> None:
    installed()
    url = "/applications/2/web/remove/"
    refused = browser.post(url, {"confirmation": "wrong", "wipe": "on"})
    assert refused.status_code == 200
    browser.post(url, {"confirmation": "web", "wipe": "on"})
    operation = carry_on(newest())
    answer("remove_application", removed=True)
    carry_on(operation)
    shown = browser.get(f"/operations/{operation.pk}/").text
    assert "What it had stored was deleted." in shown
    assert not InstalledApplication.objects.exists()


def test_log_says_why_there_is_none(browser: Client) -> None:
    installed()
    Contact.objects.filter(node_id=2).update(last_contact=None)
    assert "does not answer" in browser.get("/applications/2/web/logs/").text


def test_settings_are_off_and_are_kept(browser: Client) -> None:
    url = "/settings/applications/"
    assert "checked" not in browser.get(url).text
    browser.post(url, {"host_network": "on"})
    assert ApplicationPolicy.load().allowed == ["host_network"]


def test_auditor_looks_and_has_no_buttons(browser: Client) -> None:
    installed()
    auditor = Client()
    log_in_directly(auditor, make_auditor())
    pages = [auditor.get(path).text for path in ("/applications/", "/applications/2/web/")]
    assert "Install an application" not in pages[0]
    assert "Remove" not in pages[1]
