"""What the styleguide shows."""

from dataclasses import dataclass

MEANINGS = ("ok", "warning", "danger", "offline", "info", "busy", "plain")
TOASTS = ("ok", "warning", "danger", "info")


@dataclass(frozen=True, slots=True)
class Section:
    """A component, and the classes that it is made of."""

    slug: str
    title: str
    classes: str

    @property
    def template(self) -> str:
        return f"console/styleguide/{self.slug}.html"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the example of a stepper."""

    state: str
    name: str
    time: str = ""
    icon: str = ""
    detail: str = ""


SECTIONS = (
    Section("badges", "Status badge", ".badge"),
    Section("buttons", "Button", ".button"),
    Section("banners", "Banner", ".banner"),
    Section("toasts", "Toast", ".toast"),
    Section("cards", "Node card", ".grid > .card"),
    Section("meters", "Metric bar", ".metric > .meter"),
    Section("stepper", "Stepper", ".stepper"),
    Section("code", "Code box", ".code"),
    Section("confirm", "Confirm panel", ".effects, .confirm"),
    Section("forms", "Fields, and an error", ".field"),
    Section("facts", "Key and value", ".kv"),
    Section("table", "Table", ".table.stacks"),
    Section("matrix", "Matrix", ".matrix"),
    Section("menu", "Menu", ".menu"),
    Section("todo", "To do", ".todo"),
    Section("empty", "Empty state", ".empty"),
    Section("icons", "Icons", "icons.svg"),
)
STEPS = (
    Step("succeeded", "Reserve a node number", "0.2 s", "check"),
    Step("running", "Let the node into the VPN", "4 s", detail="Waiting for node3 to apply it."),
    Step("pending", "Hear from the node"),
    Step("failed", "Make it a member", "30 s", "cross", "Nothing was heard in time."),
    Step("undone", "Reserve a VPN address", "0.1 s", "undo"),
    Step("skipped", "Tell the node"),
)
METERS = (
    {"label": "CPU", "value": 31},
    {"label": "Memory", "value": 81},
    {"label": "Disk /", "value": 96},
)
