"""What QR codes say: the code a shop shows, the code a payer shows.

What may live here: their texts, read and written. What may not: pictures (web draws them), calling a wallet.
"""
