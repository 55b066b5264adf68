"""The rules of advice on devices at rest, dated, with author and approver.

What may live here: the table, reading and writing it. What may not: what rules mean (fleet.advice).
"""
