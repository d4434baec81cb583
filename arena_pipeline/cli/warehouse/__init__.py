"""The commands about the warehouse: building it, asking it."""
