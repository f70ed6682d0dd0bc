"""The logs that a leader keeps."""
