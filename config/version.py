"""The product's version, which nodes compare (major.minor equal) before one joins another."""

from nodes.agent.version import VERSION

__all__ = ["VERSION"]
