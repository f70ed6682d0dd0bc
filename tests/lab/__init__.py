"""A real cluster on one machine: hosts as network namespaces, real processes, real WireGuard.

As root: ``python -m tests.lab up --nodes 4``, and ``python -m tests.lab --help`` for the rest.
"""
