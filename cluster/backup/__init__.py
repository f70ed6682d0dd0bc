"""The cluster's backup: what is in one, how it is sealed, and where it is sent."""
