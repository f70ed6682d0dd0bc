"""The product's version, which nodes compare (major.minor equal) before one joins another."""

VERSION = "0.1.0"
