"""Which models may be evaluated, why others not, and what a match would cost."""
