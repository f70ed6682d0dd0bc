"""Passkeys (W3C WebAuthn, level 3): what a browser is asked, and whether its answer is right."""
