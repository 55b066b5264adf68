"""Help for merchants: tickets and what is learnt from them.

What will live here: tickets and their clocks of promised answers, the knowledge base, lessons, drills. What may not:
storage, sending messages, changing a payment (a ticket asks for a use case, as a person does).
"""
