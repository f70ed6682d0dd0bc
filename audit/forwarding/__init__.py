"""Every event to a syslog receiver (RFC 5424), at least once."""
