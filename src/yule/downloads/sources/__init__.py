"""Where tables come from: files and warehouses, and the SQL they are asked in."""
