"""The register of agents at rest: agents, what was captured of their filings, their promoters.

What may live here: tables, the pages' reading and writing. What may not: how far an authority goes (merchants.agents).
"""
