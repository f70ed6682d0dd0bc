"""The banners above every page, for pages that have no other live part."""

from cluster.views.shared import SharedPart


class Banners(SharedPart):
    """Running operations and what does not work on this node."""

    template_name = "console/banners.html"
