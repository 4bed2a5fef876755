"""Tasks in Jobs: what is seen of them, what came of each, and which are to be run next. It flows in that order."""
