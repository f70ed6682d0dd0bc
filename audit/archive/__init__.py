"""Old events in sealed files: made, verified, and looked into."""
