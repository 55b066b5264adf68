"""Screening (名单筛查): whether an applicant may be somebody on a list that the operator imported.

What lives here: how names are made alike, keys by which near ones are found, scores with their reasons. What may not: storage,
lists themselves, deciding about an applicant.
"""
