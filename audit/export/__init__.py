"""Taking the trail along: as a table, as JSON lines, or sealed with a manifest."""
