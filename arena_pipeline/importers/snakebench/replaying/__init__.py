"""A published game played again by the rules of its date, and whether it comes out."""
