"""Sends this node's logs to the leader, by an rsyslog of its own."""
