"""The public pages on which a small merchant gets a POS: what it costs, what is needed, the application step by step.

What may live here: parse, limits, render. What may not: rules (merchants.applications), anything of another applicant.
"""
