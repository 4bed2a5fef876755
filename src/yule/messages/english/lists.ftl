# Several names in one text. $commas: whether some name has a comma of its own.

list-pair = { $others } and { $last }
list-rest = { $n } more
list-separator =
    { $commas ->
        [some] ;{ " " }
       *[none] ,{ " " }
    }

# A feature with its figure; it stands in such a list.

feature-auc = { $feature } (AUC { $figure })
feature-psi = { $feature } (PSI { NUMBER($figure, minimumFractionDigits: 2, maximumFractionDigits: 2) })
feature-days = { $feature } is { NUMBER($figure, minimumFractionDigits: 0, maximumFractionDigits: 0) } days at least
feature-missing = { $feature } is missing

# A finding on one of several classes.

about = { $about }: { $seen }

# What another program says, in its own words.

said = { $text }
