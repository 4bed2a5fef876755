# Why a feature, or a group of features, was dropped.

dropped-constant = always the same
dropped-repeated = repeats { $other }
dropped-correlated = repeats { $other } (rank correlation { NUMBER($correlation, minimumFractionDigits: 4, maximumFractionDigits: 4) })
dropped-with-group = its group { $group } was dropped
dropped-beyond-best = not among the best { $keep }
dropped-low-score = its score is not above { NUMBER($least, minimumFractionDigits: 0, maximumFractionDigits: 6) }
dropped-rising-little = shuffled, the loss rises by { NUMBER($errors, minimumFractionDigits: 1, maximumFractionDigits: 1) } standard errors
dropped-falling = shuffled, the loss falls by { NUMBER($errors, minimumFractionDigits: 1, maximumFractionDigits: 1) } standard errors
