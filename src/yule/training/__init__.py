"""Training: which users a model learns from and which ones it is judged on, and the fits themselves.

Belongs here: folds, the fit of one member on one fold, the fit on everything, portfolios of members.
Does not belong here: the models (see ``models``), what their predictions are worth together (see ``ensemble``).
"""
