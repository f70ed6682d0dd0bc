"""Production settings with failpoints: what the lab's hosts and the fault matrix run."""

from config.settings import *  # noqa: F403
from config.settings import STATE_DIR

SHOW_STYLEGUIDE = True
FAILPOINTS = STATE_DIR / "failpoint"
