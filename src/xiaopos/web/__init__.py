"""Pages and the API: parse, call one use case or one query, render.

What may live here: views, forms, templates, the table of who sees what. What may not: models, rules, SQL, units of work.
"""
