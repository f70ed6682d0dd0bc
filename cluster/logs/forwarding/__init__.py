"""What the leader keeps of all nodes' logs, to a syslog receiver (RFC 5424), at least once.

The files of the days are the queue: bounded as they are, and kept over anything.
"""
