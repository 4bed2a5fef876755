"""What becomes of rows: fetched, checked, kept by days."""
