"""What becomes of rows on their way into the workspace: their types, what is declared of them, their order."""
