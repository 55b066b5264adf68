"""What a payment is, which moves exist, what each decision is, what a receipt says.

What may live here: the payment and its table of states, decisions as pure functions, postings, receipts.
What may not: asking a channel, storing, prices (settlement), terminals' configuration (fleet).
"""
