"""Tables of BigQuery."""
