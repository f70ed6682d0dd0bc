"""What is wrong with an event, as verifications store it: in English, behind "Event 4 …"."""

from django.utils.translation import gettext_noop as _

MISSING = _("is missing")
NOT_LATER = _("is not later than the event before it")
OTHER_DETAILS = _("has other details than were recorded")
OTHER_EVENT = _("is not what was recorded after the event before it")
CUT = _("is missing at the end of the trail")
OTHER_END = _("is not the one that the trail ended with")
INSERTED = _("was inserted after the trail's end")
NOWHERE = _("is in no archive, and not in the table")
ARCHIVE_MISSING = _("is in the archive {name}, which is missing")
ARCHIVE_CHANGED = _("is in the archive {name}, which was changed")
ARCHIVED_OTHERWISE = _("is not as it was archived in {name}")
REMEMBERED = _("is missing: {who} remembers it, {time}. The trail ends before it")
REMEMBERED_OTHERWISE = _("is not the one of {time} that {who} remembers")
THIS_MACHINE = _("this machine")
"""Who remembers; else it is a node by its number."""

ALL = (
    *(MISSING, NOT_LATER, OTHER_DETAILS, OTHER_EVENT, CUT, OTHER_END, INSERTED, NOWHERE),
    *(ARCHIVE_MISSING, ARCHIVE_CHANGED, ARCHIVED_OTHERWISE),
    *(REMEMBERED, REMEMBERED_OTHERWISE, THIS_MACHINE),
)
