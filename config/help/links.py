"""Where a page, or an error, is explained."""

from django.urls import reverse

from config.help.manual import explained_codes
from config.help.pages import PAGES


def help_for(page: str) -> str:
    """The URL of what the manual says of a page; its beginning where it says nothing."""
    chapter, mark, anchor = PAGES.get(page, "").partition("#")
    if not chapter:
        return reverse("help")
    return reverse("help_chapter", args=[chapter]) + mark + anchor


def explanation_of(code: str) -> str:
    """The URL of an error's entry, or nothing where it has none."""
    if code not in explained_codes():
        return ""
    return f"{reverse('help_chapter', args=['errors'])}#{code}"
