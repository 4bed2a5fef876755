"""Which code a run uses: commits, images, environments."""
