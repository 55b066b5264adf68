"""The table of the house's keys.

What may live here: columns. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models


class HouseKey(models.Model):
    """A key of the house by its name, wrapped; what it may do stands inside the wrapping."""

    name = models.CharField(max_length=32, primary_key=True)
    wrapped = models.TextField()
    check_value = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=60)

    class Meta:
        db_table = "house_key"
