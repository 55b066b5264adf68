"""What `./dev` does: the environment, the checks, the measures. Standard library only, so that a fresh machine can start.

What may live here: one module per job. What may not: anything the product imports.
"""
