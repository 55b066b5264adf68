"""Badges (推广员电子工牌): the signed credential that a promoter shows, and what may be believed of it.

What lives here: a badge's life, its form on the wire, verdicts, questions to the person who shows it, noticing copies.
What may not: storage, private keys (a vault signs), pages, who may promote what (merchants.agents).
"""
