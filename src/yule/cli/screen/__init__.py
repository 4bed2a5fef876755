"""What commands show: tables, progress, answers."""
