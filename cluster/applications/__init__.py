"""Applications that the cluster carries: the catalogue, and what a definition is made of."""
