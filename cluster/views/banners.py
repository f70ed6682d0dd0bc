"""The banners above every page, for pages that have no other live part."""

from django.views.generic import TemplateView


class Banners(TemplateView):
    """Running operations and what does not work on this node."""

    template_name = "console/banners.html"
