"""The frame around every page: navigation, the cluster's name, banners."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from cluster.models import Cluster
from config import environment


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the navigation; ``current`` is the value of ``aria-current``."""

    label: str
    icon: str
    url: str
    current: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner above the content of every page."""

    meaning: str
    title: str
    text: str = ""
    url: str = ""
    link: str = ""
    progress: int | None = None
    announce: bool = False


MAIN = (
    ("Nodes", "nodes", "admin:index"),
    ("Operations", "operations", "operations"),
    ("Audit trail", "audit", "audit"),
)
SETTINGS = (
    ("Cluster", "cluster", "cluster_settings"),
    ("Cluster administrators", "administrators", "administrators"),
    ("Account", "account", "account"),
)


def url_or_nothing(name: str) -> str:
    """The URL of a named page, or nothing while there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class Shell:
    """What ``console/base.html`` shows around a page, computed when asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def fqdn(self) -> str:
        return environment.FQDN

    @cached_property
    def cluster(self) -> Cluster | None:
        return Cluster.objects.first()

    @cached_property
    def navigation(self) -> list[Section]:
        """Only links to pages that exist."""
        sections = [Section("", self._items(MAIN)), Section("Settings", self._items(SETTINGS))]
        return [section for section in sections if section.items]

    @property
    def logout_url(self) -> str:
        return url_or_nothing("logout")

    @property
    def banners_url(self) -> str:
        return url_or_nothing("banners")

    @cached_property
    def notices(self) -> list[Notice]:
        return []

    def _items(self, entries: tuple[tuple[str, str, str], ...]) -> list[Item]:
        known = ((label, icon, url_or_nothing(name)) for label, icon, name in entries)
        return [Item(label, icon, url, self._current(url)) for label, icon, url in known if url]

    def _current(self, url: str) -> str:
        """``page`` on the page itself, ``true`` on the pages below it."""
        if self.request.path == url:
            return "page"
        return "true" if url != "/" and self.request.path.startswith(url) else ""
