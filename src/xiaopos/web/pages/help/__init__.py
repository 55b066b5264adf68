"""The help centre: what to do when something was refused or is not known yet, in words for the person at the counter.

What may live here: the articles and the pages that show them. What may not: which reason names which article (kernel.refusal).
"""
