"""Other systems' data coming in: one package per system, nothing of it beyond."""
