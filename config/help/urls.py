"""Where the manual is."""

from django.urls import path

from config.help.views import ChapterPage, HelpPage

urlpatterns = [
    path("", HelpPage.as_view(), name="help"),
    path("<slug:slug>/", ChapterPage.as_view(), name="help_chapter"),
]
