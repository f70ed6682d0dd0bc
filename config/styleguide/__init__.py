"""Every component of the stylesheet on one page; only where ``SHOW_STYLEGUIDE`` is set."""
