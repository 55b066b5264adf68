"""One folder per audience: cashier, merchant, operator, apply. What may not live here: anything two audiences share."""
