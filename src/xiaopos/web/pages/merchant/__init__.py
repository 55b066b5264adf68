"""The merchant portal: today, payments, receipts, terminals, staff of one's own merchant.

What may live here: views and their addresses. What may not: rules, SQL, anything of another merchant.
"""
