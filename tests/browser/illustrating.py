"""Make the pictures of README and manual anew, from a cluster in the lab: ``make pictures``.

They are what the console shows, so that they never lie: ``docs/images/``, light, 1200 pixels wide.
"""

import base64
import os
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.watching import launch, log_in, watched_page
from tests.lab import lab as labs
from tests.lab import membership
from tests.lab.host import Host
from tests.lab.host import expect as expect_status
from tests.lab.lab import Lab
from tests.lab.waiting import eventually

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WIDTH, HEIGHT = 1200, 750
MOST_BYTES = 120_000
LOOKED = 15_000
"""Milliseconds until every node has said what it sees."""
REPORTED = 120_000
"""Milliseconds in which nodes report several times; on a busy machine one of them is a calm one."""
CALM = "[...document.querySelectorAll('meter')].every(meter => meter.value < meter.low)"
LABELS = {1: "Flagship", 2: "Mail", 3: "Files"}
BACKUP_PASSWORD = "violet harbour lantern 42"
AS_WEBP = """async png => {
  const picture = new Image();
  picture.src = png;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL("image/webp", 0.85);
}"""
"""At this quality letters stay sharp."""
Illustrate = Callable[[Page, Host], None]


def main() -> int:
    """Start a lab, use it a little, and picture it; returns the exit code."""
    if os.geteuid() != 0:
        print("The lab needs root: it makes network namespaces.", file=sys.stderr)
        return 1
    name = f"pictures{os.getpid()}"
    try:
        illustrate_all(labs.up(name, nodes=3))
    finally:
        labs.down(name)
    return 0


def illustrate_all(lab: Lab) -> None:
    leader = lab.hosts[0]
    furnish(leader)
    with sync_playwright() as playwright:
        browser = launch(playwright, lab.client.wrap("/usr/bin/chromium"))
        with watched_page(browser, hosts=lambda host: host.endswith(".lab.test")) as page:
            page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
            page.emulate_media(color_scheme="light")
            log_in(page, leader.url, **leader.administrator)
            for name, illustrate in ILLUSTRATIONS.items():
                illustrate(page, leader)
                keep(page, IMAGES / f"{name}.webp")


def furnish(leader: Host) -> None:
    """Labels, a colleague, a backup: what a cluster has after its first day."""
    for number, label in LABELS.items():
        expect_status(leader.api("PATCH", f"nodes/{number}/", {"label": label}), 200)
    colleague = {"username": "grace", "full_name": "Grace Hopper"}
    expect_status(leader.api("POST", "administrators/", colleague), 201)
    password = {"password": BACKUP_PASSWORD}
    expect_status(leader.api("PUT", "cluster/backup/password/", password), 204)
    begun = expect_status(leader.api("POST", "cluster/backup/"), 202).body["operation"]
    membership.succeed(leader, begun)
    eventually(lambda: membership.all_online(leader), within=20)


def keep(page: Page, path: Path) -> None:
    """What the window shows, as small as it gets while letters stay sharp."""
    png = base64.b64encode(page.screenshot()).decode()
    blank = page.context.new_page()
    webp = blank.evaluate(AS_WEBP, f"data:image/png;base64,{png}")
    blank.close()
    content = base64.b64decode(webp.partition(",")[2])
    print(f"{path.name}: {len(content)} bytes", flush=True)
    assert len(content) < MOST_BYTES, path
    path.write_bytes(content)


def overview(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/overview/")
    expect(page.get_by_role("main").get_by_text("All 3 nodes are online.")).to_be_visible()
    expect(page.get_by_role("meter", name="CPU")).to_have_count(3, timeout=REPORTED)
    eventually(lambda: page.evaluate(CALM), within=REPORTED / 1000)


def nodes(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/nodes/")
    page.locator("#menu-button-3").click()


def join(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/nodes/")
    page.get_by_role("button", name="Add node to cluster").click()
    expect(page.get_by_role("textbox", name="Join code")).to_contain_text("FLT1.")


def remove(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/nodes/3/remove/")


def promote(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/nodes/2/promote/")
    seen = page.get_by_role("main").get_by_text("Every node reaches node2.")
    expect(seen).to_be_visible(timeout=LOOKED)


def applications(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/applications/install/")


def backup(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/settings/backup/")


def audit_trail(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/audit/")


def second_factor(page: Page, leader: Host) -> None:
    page.goto(f"{leader.url}/account/two-factor/")
    page.get_by_label("Your password").fill(leader.administrator["password"])
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_alt_text("QR code of the key")).to_be_visible()


ILLUSTRATIONS: dict[str, Illustrate] = {
    "nodes": nodes,
    "join": join,
    "remove": remove,
    "promote": promote,
    "applications": applications,
    "backup": backup,
    "audit-trail": audit_trail,
    "second-factor": second_factor,
    "overview": overview,
}


if __name__ == "__main__":
    sys.exit(main())
