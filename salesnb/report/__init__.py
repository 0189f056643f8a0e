"""Pages, their index, and the facts they stand on."""
