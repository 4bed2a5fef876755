# What versions of Yule before 0.2 told in sentences of their own.

as-told =
    .title = { $title }
    .seen = { $seen }
    .remedy = { $remedy }
