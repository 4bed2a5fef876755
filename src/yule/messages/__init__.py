"""Messages: facts told in a language.

What is found (:mod:`~yule.messages.finding`) and what is told of it (:mod:`~yule.messages.message`) is a code with
values, in files as in memory; only where people read it does it become sentences, by a catalogue per language
(``english/*.ftl``, in Project Fluent's syntax).

Belongs here: what a finding is, the kinds of values, catalogues, and how they are told.
Does not belong here: what is looked at and when it is a finding (see ``checks``, ``labels``), and where it is shown
(see ``report``, ``cli``).
"""
