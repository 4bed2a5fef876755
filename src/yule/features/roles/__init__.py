"""Roles: columns that mean the same for every question, so that a model of some questions can answer others.

How often, how recently and how regularly has a user done what is asked for? How much does the rest of what they do
point to it? How common is it now, and how active is the user at all? A model that is told nothing else cannot know
which question it answers.
"""
