"""A question in, an answer with reasons out.

What will live here: the facts of a payment as rules see them, the rules and their scores, lists of good and bad, the
answer (let pass, ask more, refuse) with its reasons. What may not: storage, waiting for anything, another noun's states.
"""
