"""Domains of accounts: what their providers are made of, and how they travel."""
