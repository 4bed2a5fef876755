"""The ensemble: weights of the members and the calibrator of their blend, chosen on out-of-fold predictions.

Belongs here: selection, blending, calibration, and the files of an ensemble.
Does not belong here: fitting members (see ``training``) and predicting with them (see ``prediction``).
"""
