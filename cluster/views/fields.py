"""What form fields have in common."""

MONO = {"class": "mono", "autocomplete": "off", "spellcheck": "false"}
"""Attributes of an input for what machines read: names, addresses, codes."""
