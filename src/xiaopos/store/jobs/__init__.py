"""The durable queue at rest: what the machine still has to do by itself.

What may live here: the model, leasing, giving back, the operator's list. What may not: what a job does (use cases).
"""
