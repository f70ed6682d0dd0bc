"""The fault matrix: kill -9 at every boundary of every workflow, on real hosts."""
