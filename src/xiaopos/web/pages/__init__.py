"""One folder per audience: cashier, merchant, operator, apply."""
