"""Features of events: numbers per user from all that happened to the user before a cut-off.

Belongs here: the narrow copy of the events that every aggregate reads, and the aggregates, family by family.
Does not belong here: what is learned before features are computed (``features.vocabulary``), and other kinds of sets.

All families work on the same table ``events``, a range of users at a time, so that memory does not grow with the
number of users. Its columns are ``code`` (the user's place in the range), ``age`` (microseconds from the event to the
cut-off, above 0), ``day`` (whole days of it), ``bucket`` (the shortest window that holds the event) and the columns
that the aggregates read, as ``c0``, ``c1``, ….
"""
