"""Filters for templates. What may live here: putting words and amounts into pages. What may not: the words."""
